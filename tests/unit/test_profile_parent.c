/*
 * Where the long-lived key of a profile is (src/cli/config/profile_parent.c).
 */
#include "profile_case.h"

static void
takes_keys_of_the_environment(void **state)
{
    static const struct test tests[] = {
        {NULL,
         NULL,
         {ENV_KEYS},
         {0},
         "default(not in files) region=- environment:default:AKIAE:secretE"},
        {TWO,
         {ENV_KEYS, "AWS_PROFILE=a"},
         {0},
         "a region=eu-west-1 environment:a:AKIAE:secretE"},
        {TWO, {ENV_KEYS, "AWS_PROFILE=a"}, {.profile = "b"}, IS_B},
        {TWO,
         {ENV_KEYS, "AWS_SESSION_TOKEN=", "AWS_SECURITY_TOKEN="},
         {0},
         "default region=us-east-1 environment:default:AKIAE:secretE"},
        /* The role of the profile is not assumed then, as in the CLI. */
        {"[profile a]\n" ROLE("A") "source_profile = b\n"
                                   "mfa_serial = GAHT12345678\n",
         "[b]\n" KEYS("B"),
         {ENV_KEYS, "AWS_PROFILE=a"},
         {0},
         "a region=- environment:a:AKIAE:secretE mfa=GAHT12345678"},
        /* Inside a session of ours the keys are its own. */
        {TWO,
         {ENV_KEYS, "AWS_SESSION_TOKEN=t", "AWS_SESSION_PROFILE=a"},
         {0},
         IS_A},
        {TWO,
         {ENV_KEYS, "AWS_SECURITY_TOKEN=t", "AWS_SESSION_PROFILE=a"},
         {0},
         IS_A},
        {TWO,
         {"AWS_ACCESS_KEY_ID=x", "AWS_SESSION_TOKEN=t",
          "AWS_SESSION_PROFILE=a"},
         {0},
         IS_A},
        {TWO,
         {ENV_KEYS, "AWS_SESSION_PROFILE=a"},
         {0},
         "a region=eu-west-1 environment:a:AKIAE:secretE"},
        /* Nothing of a pair is no half of it. */
        {TWO, {"AWS_SESSION_TOKEN=t"}, {0}, IS_DEFAULT},
        {TWO,
         {"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="},
         {0},
         IS_DEFAULT},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_bad_keys_of_the_environment(void **state)
{
    static const struct test tests[] = {
        {TWO,
         {"AWS_ACCESS_KEY_ID=AKIAE"},
         {0},
         "half a key pair: AWS_ACCESS_KEY_ID is set in the environment and "
         "AWS_SECRET_ACCESS_KEY is not; set or unset both"},
        {TWO,
         {"AWS_ACCESS_KEY_ID=AKIAE", "AWS_SECRET_ACCESS_KEY="},
         {0},
         "and AWS_SECRET_ACCESS_KEY is not"},
        {TWO,
         {"AWS_SECRET_ACCESS_KEY=secretE"},
         {0},
         "half a key pair: AWS_SECRET_ACCESS_KEY is set in the environment "
         "and AWS_ACCESS_KEY_ID is not"},
        {TWO,
         {ENV_KEYS, "AWS_SESSION_TOKEN=t"},
         {0},
         "the environment holds temporary credentials (AWS_SESSION_TOKEN), "
         "which cannot make an MFA session: unset"},
        {TWO,
         {ENV_KEYS, "AWS_SECURITY_TOKEN=t", "AWS_SESSION_TOKEN=u"},
         {0},
         "temporary credentials (AWS_SECURITY_TOKEN)"},
        {TWO,
         {ENV_KEYS, "AWS_SESSION_TOKEN=t", "AWS_SESSION_PROFILE="},
         {0},
         "temporary credentials (AWS_SESSION_TOKEN)"},
        {TWO,
         {"AWS_ACCESS_KEY_ID=AK/A", "AWS_SECRET_ACCESS_KEY=s"},
         {0},
         "AWS_ACCESS_KEY_ID: aws_access_key_id '...' has a character"},
        {TWO,
         {"AWS_ACCESS_KEY_ID=AKIAE", "AWS_SECRET_ACCESS_KEY=s\n"},
         {0},
         "AWS_SECRET_ACCESS_KEY: the secret access key has a blank in it; a "
         "newline counts as one: remove it"},
        {TWO,
         {"AWS_ACCESS_KEY_ID=ASIAE", "AWS_SECRET_ACCESS_KEY=s"},
         {0},
         "AWS_ACCESS_KEY_ID: ASIAE is a temporary access key"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

static void
takes_keys_of_the_files(void **state)
{
    static const struct test tests[] = {
        {"[profile a]\n" KEYS("C"),
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- config:a:AKIAC:secretC"},
        {"[profile a]\n" KEYS("C"),
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA"},
        /* An id decides for a file: a secret alone there is not looked at. */
        {"[profile a]\n" KEYS("C"),
         "[a]\naws_secret_access_key = x\n",
         {NULL},
         {.profile = "a"},
         "a region=- config:a:AKIAC:secretC"},
        {"[profile a]\n" KEYS("C") "aws_session_token =\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- config:a:AKIAC:secretC"},
        {"[profile a]\n" KEYS("C") "aws_session_token = t\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA"},
        {"[profile a]\noutput = json\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- none:a"},
        /* A long-lived key goes before what cannot make a session. */
        {"[profile a]\nsso_account_id = 1\ncredential_process = x\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA"},
        {"[profile a]\ncredential_process = x\n" KEYS("C"),
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- config:a:AKIAC:secretC"},
        /* We never call ourselves. */
        {"[profile a]\ncredential_process = aws-session export\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- none:a"},
        {"[profile a]\ncredential_process = \"/opt/my bin/aws-session\" x\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- none:a"},
        /* What is stored goes before other kinds, and before half a pair. */
        {"[profile b]\nsso_session = x\n",
         "[b]\naws_secret_access_key = x\n",
         {NULL},
         {.profile = "b", .is_stored = b_is_stored},
         "b region=- none:b"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_bad_keys_of_the_files(void **state)
{
#define ONE(lines)                                                            \
    NULL, "[a]\n" lines, {NULL},                                              \
    {                                                                         \
        .profile = "a"                                                        \
    }
    static const struct test tests[] = {
        {ONE("\naws_access_key_id = AKIAA\n"),
         "~/.aws/credentials, line 3: half a key pair: profile 'a' has no "
         "aws_secret_access_key in this file"},
        {ONE("aws_access_key_id = AKIAA\naws_secret_access_key =\n"),
         "~/.aws/credentials, line 2: half a key pair: profile 'a' has no "
         "aws_secret_access_key"},
        {ONE("aws_access_key_id =\naws_secret_access_key = x\n"),
         "~/.aws/credentials, line 3: half a key pair: profile 'a' has no "
         "aws_access_key_id"},
        {ONE("aws_secret_access_key = x\n"),
         "~/.aws/credentials, line 2: half a key pair: profile 'a' has no "
         "aws_access_key_id"},
        /* A pair must stand in one file. */
        {"[profile a]\naws_secret_access_key = x\n",
         "[a]\naws_access_key_id = AKIAA\n",
         {NULL},
         {.profile = "a"},
         "~/.aws/credentials, line 2: half a key pair"},
        {"[profile a]\naws_access_key_id = AKIAA\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "~/.aws/config, line 2: half a key pair"},
        {ONE(KEYS("A") "aws_session_token = t\n"),
         "~/.aws/credentials, line 4: aws_session_token makes the key of "
         "profile 'a' a temporary one, which cannot make an MFA session"},
        {ONE(KEYS("A") "aws_session_token = t\naws_security_token = t\n"),
         "~/.aws/credentials, line 5: aws_security_token makes the key"},
        {ONE("aws_access_key_id = AKIA # x\naws_secret_access_key = x\n"),
         "~/.aws/credentials, line 2: aws_access_key_id '...' has a character "
         "that AWS does not allow there; inline comments are not supported"},
        {ONE("aws_access_key_id = AKIA\naws_secret_access_key = x # y\n"),
         "~/.aws/credentials, line 3: the secret access key has a blank in "
         "it; inline comments are not supported"},
        {ONE("aws_access_key_id = AKIA\naws_secret_access_key = x\n r = y\n"),
         "the indented line after it counts as a part of it"},
        {ONE("aws_access_key_id = ASIAX\naws_secret_access_key = x\n"),
         "~/.aws/credentials, line 2: ASIAX is a temporary access key"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

static void
refuses_other_kinds_of_credentials(void **state)
{
#define KIND(line)                                                            \
    "[profile a]\n\n" line "\n", NULL, {NULL},                                \
    {                                                                         \
        .profile = "a"                                                        \
    }
#define SENTENCE(kind)                                                        \
    "~/.aws/config, line 3: profile 'a' gets its credentials from " kind      \
    ", but an MFA session needs a long-lived access key: use the AWS CLI"
    static const struct test tests[] = {
        {KIND("sso_session = x"), SENTENCE("IAM Identity Center (SSO)")},
        {KIND("sso_account_id = x"), SENTENCE("IAM Identity Center (SSO)")},
        {KIND("sso_role_name = x"), SENTENCE("IAM Identity Center (SSO)")},
        {KIND("sso_start_url = x"), SENTENCE("IAM Identity Center (SSO)")},
        {KIND("login_session = x"), SENTENCE("aws login")},
        {KIND("web_identity_token_file = x"), SENTENCE("a web identity")},
        {KIND("credential_process = x"), SENTENCE("a credential_process")},
        {KIND("credential_process = sh -c aws-session"),
         SENTENCE("a credential_process")},
        {KIND("credential_process = 'aws-session"),
         SENTENCE("a credential_process")},
        {KIND("credential_process ="), SENTENCE("a credential_process")},
        /* AWS's tools would take the web identity, whatever else there is. */
        {KIND("web_identity_token_file = x\n" ROLE("A") KEYS("A")),
         SENTENCE("a web identity")},
        {"[profile a]\n" ROLE("A") "source_profile = b\n"
                                   "[profile b]\nsso_session = x\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "~/.aws/config, line 5: profile 'b' gets its credentials from IAM"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(takes_keys_of_the_environment),
        WITH_FILES(refuses_bad_keys_of_the_environment),
        WITH_FILES(takes_keys_of_the_files),
        WITH_FILES(refuses_bad_keys_of_the_files),
        WITH_FILES(refuses_other_kinds_of_credentials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
