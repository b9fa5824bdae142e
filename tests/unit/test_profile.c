/*
 * Resolving a profile (src/cli/profile.c and what is behind it). A case says
 * what is in files, variables and options, and what comes of it: a summary or
 * a part of the report, in which "~" is the home directory.
 */
#include "cli/profile.h"

#include "aws_files.h"
#include "cli/profile_value.h"

#include <pwd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEYS(letter)                                                          \
    "aws_access_key_id = AKIA" letter "\n"                                    \
    "aws_secret_access_key = secret" letter "\n"
#define ROLE(name) "role_arn = arn:aws:iam::123456789012:role/" name "\n"
#define ARN(name) "arn:aws:iam::123456789012:role/" name

struct test {
    const char *config, *credentials;
    const char *variables[6]; /* "NAME=VALUE" */
    struct profile_options options;
    const char *expected;
};

static bool
b_is_stored(const char *profile)
{
    return strcmp(profile, "b") == 0;
}

static void
summarize_roles(const struct profile *profile, char *out, size_t size)
{
    size_t length = strlen(out);

    for (size_t i = 0; i < profile->role_count; i++) {
        const struct role *role = &profile->roles[i];

        length += (size_t)snprintf(
            out + length, size - length, " role:%s:%s:%s:%s:%u", role->profile,
            strrchr(role->arn, '/') + 1,
            strncmp(role->session_name, "aws-session-", 12) == 0
                ? "*"
                : role->session_name,
            role->external_id != NULL ? role->external_id : "-",
            role->duration);
    }
}

/* "NAME region=R SOURCE:BASE:KEYID:SECRET role:..." and what else is set. */
static void
summarize(const struct profile *profile, char *out, size_t size)
{
    static const char *const sources[] = {"none", "environment", "credentials",
                                          "config"};

    snprintf(out, size, "%s%s region=%s %s:%s", profile->name,
             profile->in_files ? "" : "(not in files)",
             profile->region != NULL ? profile->region : "-",
             sources[profile->parent], profile->base);
    if (profile->parent != PARENT_NONE)
        snprintf(out + strlen(out), size - strlen(out), ":%s:%s",
                 profile->access_key_id, profile->secret.data);
    summarize_roles(profile, out, size);
    if (profile->mfa_serial != NULL)
        snprintf(out + strlen(out), size - strlen(out), " mfa=%s",
                 profile->mfa_serial);
    if (profile->duration != DURATION_DEFAULT)
        snprintf(out + strlen(out), size - strlen(out), " duration=%u",
                 profile->duration);
    if (profile->ca_bundle != NULL)
        snprintf(out + strlen(out), size - strlen(out), " ca=%s",
                 profile->ca_bundle);
}

static void
resolve(const struct test *test, char *out, size_t size)
{
    struct profile profile = {0};
    struct config config;
    struct report report = {""};

    clearenv();
    setenv("HOME", aws_home, 1);
    for (size_t i = 0; test->variables[i] != NULL; i++)
        assert_int_equal(putenv((char *)(uintptr_t)test->variables[i]), 0);
    aws_files_write(".aws/config", test->config);
    aws_files_write(".aws/credentials", test->credentials);
    if (config_load(&config, &report) == 0 &&
        profile_resolve(&profile, &config, &test->options, &report) == 0)
        summarize(&profile, out, size);
    else
        snprintf(out, size, "%s", report.text);
    /* Copies, not pointers: the profile outlives the configuration. */
    config_free(&config);
    profile_free(&profile);
    aws_files_shorten(out);
}

static void
assert_resolved(const struct test *tests, size_t count)
{
    char found[2048];

    for (size_t i = 0; i < count; i++) {
        resolve(&tests[i], found, sizeof(found));
        assert_string_equal(found, tests[i].expected);
    }
}

static void
assert_refused(const struct test *tests, size_t count)
{
    char found[2048];

    for (size_t i = 0; i < count; i++) {
        resolve(&tests[i], found, sizeof(found));
        assert_report(found, tests[i].expected);
    }
}

static const char config_of_two[] =
    "[default]\nregion = us-east-1\n[profile a]\nregion = eu-west-1\n"
    "[profile b]\nregion = eu-west-2\n[profile bare]\n";
static const char credentials_of_two[] = "[default]\n" KEYS("D") "[a]\n" KEYS(
    "A") "[b]\n" KEYS("B");

#define TWO config_of_two, credentials_of_two
#define IS_A "a region=eu-west-1 credentials:a:AKIAA:secretA"
#define IS_B "b region=eu-west-2 credentials:b:AKIAB:secretB"
#define IS_DEFAULT "default region=us-east-1 credentials:default:AKIAD:secretD"

static void
selects_the_profile(void **state)
{
    static const struct test tests[] = {
        {TWO, {NULL}, {0}, IS_DEFAULT},
        {TWO, {"AWS_PROFILE=a"}, {0}, IS_A},
        {TWO, {"AWS_DEFAULT_PROFILE=a"}, {0}, IS_A},
        {TWO, {"AWS_SESSION_PROFILE=a"}, {0}, IS_A},
        {TWO, {"AWS_SESSION_PROFILE="}, {0}, IS_DEFAULT},
        {TWO, {"AWS_PROFILE=a", "AWS_DEFAULT_PROFILE=b"}, {0}, IS_A},
        {TWO, {"AWS_SESSION_PROFILE=a", "AWS_DEFAULT_PROFILE=b"}, {0}, IS_B},
        {TWO, {"AWS_PROFILE=a"}, {.profile = "b"}, IS_B},
        {TWO, {"AWS_PROFILE="}, {.profile = "b"}, IS_B},
        {TWO, {"AWS_PROFILE=a", "AWS_DEFAULT_PROFILE="}, {0}, IS_A},
        {NULL,
         NULL,
         {NULL},
         {0},
         "default(not in files) region=- none:default"},
        /* The keyring may know what no file has. */
        {NULL,
         NULL,
         {NULL},
         {.profile = "b", .is_stored = b_is_stored},
         "b(not in files) region=- none:b"},
        {NULL,
         NULL,
         {"AWS_PROFILE=x", "AWS_SESSION_PROFILE=x"},
         {0},
         "x(not in files) region=- none:x"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_unknown_profiles(void **state)
{
    static const struct test tests[] = {
        {TWO,
         {"AWS_PROFILE="},
         {0},
         "AWS_PROFILE is set but empty, and there is no profile '' (the AWS "
         "CLI says so too); unset it or name a profile"},
        {TWO,
         {"AWS_DEFAULT_PROFILE="},
         {0},
         "AWS_DEFAULT_PROFILE is set but empty"},
        {TWO,
         {NULL},
         {.profile = ""},
         "--profile is set but empty, and there is no profile '' (the AWS "
         "CLI says so too); name one or leave it out"},
        {TWO,
         {NULL},
         {.profile = "defalt"},
         "there is no profile 'defalt' (--profile); did you mean 'default'?"},
        {TWO,
         {"AWS_PROFILE=A"},
         {0},
         "there is no profile 'A' (AWS_PROFILE); did you mean 'a'?"},
        {TWO,
         {"AWS_SESSION_PROFILE=a", "AWS_DEFAULT_PROFILE=zz"},
         {0},
         "there is no profile 'zz' (AWS_DEFAULT_PROFILE) in ~/.aws/config and "
         "~/.aws/credentials; add it"},
        {NULL,
         NULL,
         {"AWS_PROFILE=default"},
         {0},
         "there is no profile 'default' (AWS_PROFILE) in ~/.aws/config "
         "(missing) and ~/.aws/credentials (missing)"},
        {TWO,
         {NULL},
         {.profile = "zz", .is_stored = b_is_stored},
         "there is no profile 'zz'"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

static void
selects_the_region(void **state)
{
#define REGION(name) "a region=" name " credentials:a:AKIAA:secretA"
    static const struct test tests[] = {
        {TWO, {"AWS_REGION=r-1"}, {.profile = "a"}, REGION("r-1")},
        {TWO, {"AWS_DEFAULT_REGION=r-2"}, {.profile = "a"}, REGION("r-2")},
        {TWO,
         {"AWS_REGION=r-1", "AWS_DEFAULT_REGION=r-2"},
         {.profile = "a"},
         REGION("r-1")},
        {TWO,
         {"AWS_REGION=r-1"},
         {.profile = "a", .region = "r-0"},
         REGION("r-0")},
        {NULL,
         "[a]\nregion = r-3\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         REGION("r-3")},
        {"[profile a]\n[default]\nregion = x\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         REGION("-")},
        /* Never the region of the source. */
        {"[profile a]\n" ROLE("A") "source_profile = b\n"
                                   "[profile b]\nregion = x\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:b:AKIAB:secretB role:a:A:*:-:0"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_bad_regions(void **state)
{
#define BAD(value)                                                            \
    "[default]\n\nregion = " value "\n", NULL, {NULL},                        \
    {                                                                         \
        0                                                                     \
    }
    static const struct test tests[] = {
        {BAD("us-east-1 # x"),
         "~/.aws/config, line 3: region 'us-east-1 # x' cannot be a part of "
         "a host name; write one like eu-west-1; inline comments are not "
         "supported"},
        {BAD("us-east-1 ; x"), "inline comments are not supported"},
        {BAD("\"us-east-1\""), "quotes count as a part of it"},
        {BAD("us-east-1\n output = x"), "the indented line after it counts"},
        {BAD("us_east_1"), "region 'us_east_1' cannot be a part of a host"},
        {BAD(""), "~/.aws/config, line 3: the region is set but empty"},
        {NULL,
         NULL,
         {"AWS_REGION="},
         {0},
         "AWS_REGION: the region is set but empty"},
        {NULL,
         NULL,
         {"AWS_DEFAULT_REGION=a.b"},
         {0},
         "AWS_DEFAULT_REGION: region 'a.b' cannot be a part"},
        {NULL,
         NULL,
         {NULL},
         {.region = "123"},
         "--region: region '123' cannot be a part"},
        {NULL,
         NULL,
         {NULL},
         {.region = ""},
         "--region: the region is set but empty"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

#define ENV_KEYS "AWS_ACCESS_KEY_ID=AKIAE", "AWS_SECRET_ACCESS_KEY=secretE"

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
         "AWS_SECRET_ACCESS_KEY: the secret access key has a blank in it"},
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

#define A_TO_B "[profile a]\n" ROLE("A") "source_profile = b\n"
#define FROM_B(roles) "a region=- credentials:b:AKIAB:secretB" roles

static void
follows_role_chains(void **state)
{
    static const struct test tests[] = {
        {A_TO_B,
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
        {A_TO_B,
         "[b]\n" KEYS("B"),
         {"AWS_PROFILE=a"},
         {0},
         FROM_B(" role:a:A:*:-:0")},
        /* The innermost role is assumed first. */
        {A_TO_B "[profile b]\n" ROLE(
             "B") "source_profile = c\n"
                  "external_id = xx\nrole_session_name = "
                  "me@b\nduration_seconds=900\n"
                  "[profile c]\n" ROLE("C") "source_profile = default\n",
         "[default]\n" KEYS("D"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:default:AKIAD:secretD role:c:C:*:-:0 "
         "role:b:B:me@b:xx:900 role:a:A:*:-:0"},
        /* A source's key goes before its role; the selected one's role goes
           before its key. */
        {A_TO_B "[profile b]\n" ROLE("B") "source_profile = c\n",
         "[a]\n" KEYS("A") "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
        {A_TO_B "[profile b]\n" ROLE("B") "source_profile = c\n",
         NULL,
         {NULL},
         {.profile = "a", .is_stored = b_is_stored},
         "a region=- none:b role:a:A:*:-:0"},
        /* Itself as its source: key and role in one place. */
        {"[profile a]\n" ROLE("A") "source_profile = a\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA role:a:A:*:-:0"},
        {"[profile b]\n" ROLE("B") "source_profile = b\n",
         NULL,
         {NULL},
         {.profile = "b", .is_stored = b_is_stored},
         "b region=- none:b role:b:B:*:-:0"},
        /* The key may be in the keyring, the source in no file. */
        {A_TO_B "[profile b]\n",
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- none:b role:a:A:*:-:0"},
        {A_TO_B,
         NULL,
         {NULL},
         {.profile = "a", .is_stored = b_is_stored},
         "a region=- none:b role:a:A:*:-:0"},
        /* Empty is unset for a session name. */
        {A_TO_B "role_session_name =\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
        /* A web identity is another kind of role. */
        {A_TO_B "[profile b]\n" ROLE("B"),
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_bad_chains(void **state)
{
#define CHAIN(config)                                                         \
    config, "[k]\n" KEYS("K"), {NULL},                                        \
    {                                                                         \
        .profile = "a"                                                        \
    }
    static const struct test tests[] = {
        {CHAIN("[profile a]\n" ROLE("A")),
         "~/.aws/config, line 2: profile 'a' has a role_arn but no "
         "source_profile: add"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = k\n"
                                         "credential_source = Environment\n"),
         "~/.aws/config, line 4: profile 'a' has both source_profile and "
         "credential_source"},
        {CHAIN("[profile a]\n" ROLE("A") "credential_source = Vault\n"),
         "~/.aws/config, line 3: credential_source = Vault of profile 'a' is "
         "not supported as the source of an MFA session"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = nope\n"),
         "~/.aws/config, line 3: source_profile 'nope' of profile 'a' does "
         "not exist; add it"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = K\n"),
         "source_profile 'K' of profile 'a' does not exist; did you mean 'k'"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = \"k\"\n"),
         "does not exist; add it, or correct the name; quotes count as"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = k # x\n"),
         "does not exist; add it, or correct the name; inline comments"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile =\n"),
         "~/.aws/config, line 3: source_profile of profile 'a' is empty"},
        {CHAIN("[profile a]\n" ROLE("A") "source_profile = a\n"),
         "~/.aws/config, line 3: profile 'a' is its own source_profile and "
         "has no access key"},
        {CHAIN(A_TO_B "[profile b]\n" ROLE("B") "source_profile = a\n"),
         "~/.aws/config, line 6: source_profile 'a' of profile 'b' leads back "
         "to a profile of the same role chain"},
        /* Not even a key at the start of a circle ends it. */
        {CHAIN(A_TO_B KEYS("A") "[profile b]\n" ROLE(
             "B") "source_profile = a\n"),
         "source_profile 'a' of profile 'b' leads back"},
        {CHAIN(A_TO_B "[profile b]\n" ROLE("B") "source_profile = b\n"),
         "profile 'b' is its own source_profile and has no access key"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

/* A chain of exactly as many roles as there is room for, and one more. */
static void
counts_the_roles(void **state)
{
    for (unsigned count = PROFILE_MAX_ROLES; count <= PROFILE_MAX_ROLES + 1;
         count++) {
        struct test test = {
            NULL, "[last]\n" KEYS("L"), {NULL}, {.profile = "p0"}, NULL};
        char config[4096] = "";
        char found[4096];

        (void)state;
        for (unsigned i = 0; i < count; i++)
            sprintf(config + strlen(config),
                    "[profile p%u]\n" ROLE("R") "source_profile = p%u\n", i,
                    i + 1);
        sprintf(strrchr(config, 'p'), "last\n");
        test.config = config;
        resolve(&test, found, sizeof(found));
        assert_report(found, count == PROFILE_MAX_ROLES
                                 ? "p0 region=- credentials:last:AKIAL"
                                 : "~/.aws/config, line 50: a chain of more "
                                   "than 16 roles");
    }
}

static void
checks_values_of_a_role(void **state)
{
#define VALUE(line)                                                           \
    "[profile a]\nsource_profile = k\n" line "\n", "[k]\n" KEYS("K"), {NULL}, \
    {                                                                         \
        .profile = "a"                                                        \
    }
#define OPTION(line) VALUE(ROLE("A") line)
    static const struct test tests[] = {
        {VALUE("role_arn ="), "~/.aws/config, line 3: role_arn is empty"},
        {VALUE("role_arn = arn:aws:iam::1:r/A"),
         "~/.aws/config, line 3: role_arn 'arn:aws:iam::1:r/A' has 18 "
         "characters; AWS takes 20 to 2048"},
        {VALUE("role_arn = arn:aws:iam::123456789012:user/A"),
         "names no role; it looks like arn:aws:iam::123456789012:role/NAME"},
        {VALUE("role_arn = 123456789012:role/Administrator"), "names no role"},
        {VALUE("role_arn = " ARN("A") " # x"),
         "has a character that AWS does not allow there; inline comments"},
        {VALUE("role_arn = \"" ARN("A") "\""), "names no role"},
        {OPTION("external_id ="), "line 4: external_id is empty"},
        {OPTION("external_id = x"), "line 4: external_id 'x' has 1 character"},
        {OPTION("external_id = a b"), "line 4: external_id 'a b' has a char"},
        {OPTION("role_session_name = x"),
         "line 4: role_session_name 'x' has 1 characters; AWS takes 2 to 64"},
        {OPTION("role_session_name = a/b"),
         "line 4: role_session_name 'a/b' has a character"},
        {OPTION("role_session_name = "
                "12345678901234567890123456789012345678901234567890123456789"
                "012345"),
         "has 65 characters; AWS takes 2 to 64"},
        {OPTION("mfa_serial ="), "line 4: mfa_serial is empty"},
        {OPTION("mfa_serial = 12345678"),
         "line 4: mfa_serial '12345678' has 8 characters; AWS takes 9 to 256"},
        {OPTION("mfa_serial = arn:aws:iam::1:mfa/a b"),
         "line 4: mfa_serial 'arn:aws:iam::1:mfa/a b' has a character"},
        {OPTION("mfa_serial = arn:aws:iam::1:u2f/user/a/b"),
         "is a security key, which gives no codes"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

static void
takes_the_mfa_serial(void **state)
{
#define SERIAL(name) "arn:aws:iam::123456789012:mfa/" name
    static const struct test tests[] = {
        /* Also without a role, other than for the AWS CLI. */
        {"[profile a]\nmfa_serial = " SERIAL("me") "\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA mfa=" SERIAL("me")},
        {A_TO_B "[profile b]\nmfa_serial = " SERIAL("b") "\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0 mfa=") SERIAL("b")},
        {A_TO_B "mfa_serial = " SERIAL(
             "a") "\n[profile b]\nmfa_serial = " SERIAL("b") "\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0 mfa=") SERIAL("a")},
        /* Not of a profile in between. */
        {A_TO_B
         "[profile b]\nmfa_serial = x\n" ROLE("B") "source_profile = c\n",
         "[c]\n" KEYS("C"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:c:AKIAC:secretC role:b:B:*:-:0 "
         "role:a:A:*:-:0"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

#define SECONDS(number)                                                       \
    A_TO_B "duration_seconds = " number "\n", "[b]\n" KEYS("B"),              \
    {                                                                         \
        NULL                                                                  \
    }
#define CHAINED(number)                                                       \
    A_TO_B "duration_seconds = " number "\n[profile b]\n" ROLE(               \
        "B") "source_profile = c\nduration_seconds = 43200\n",                \
        "[c]\n" KEYS("C"),                                                    \
    {                                                                         \
        NULL                                                                  \
    }
#define BOTH_ROLES(seconds)                                                   \
    "a region=- credentials:c:AKIAC:secretC role:b:B:*:-:43200 "              \
    "role:a:A:*:-:" seconds

static void
takes_durations(void **state)
{
    static const struct test tests[] = {
        {SECONDS("3600"), {.profile = "a"}, FROM_B(" role:a:A:*:-:3600")},
        {SECONDS("900"), {.profile = "a"}, FROM_B(" role:a:A:*:-:900")},
        {SECONDS("43200"), {.profile = "a"}, FROM_B(" role:a:A:*:-:43200")},
        {SECONDS("+1_800"), {.profile = "a"}, FROM_B(" role:a:A:*:-:1800")},
        {SECONDS("0900"), {.profile = "a"}, FROM_B(" role:a:A:*:-:900")},
        /* Text is not looked at, as in the CLI. */
        {SECONDS("1h"), {.profile = "a"}, FROM_B(" role:a:A:*:-:0")},
        {SECONDS("3600 # 1h"), {.profile = "a"}, FROM_B(" role:a:A:*:-:0")},
        {SECONDS(""), {.profile = "a"}, FROM_B(" role:a:A:*:-:0")},
        {CHAINED("3600"), {.profile = "a"}, BOTH_ROLES("3600")},
        /* The option is for the last role, and hides what the file says. */
        {SECONDS("99"),
         {.profile = "a", .duration = 7200},
         FROM_B(" role:a:A:*:-:7200")},
        {CHAINED("99"),
         {.profile = "a", .duration = 1800},
         BOTH_ROLES("1800")},
        {TWO, {NULL}, {.profile = "a", .duration = 900}, IS_A " duration=900"},
        {TWO,
         {NULL},
         {.profile = "a", .duration = 129600},
         IS_A " duration=129600"},
        {TWO,
         {ENV_KEYS},
         {.duration = 900},
         "default region=us-east-1 environment:default:AKIAE:secretE "
         "duration=900"},
        /* Without a role the file's means nothing, as in the CLI. */
        {"[default]\nduration_seconds = 1\n",
         NULL,
         {NULL},
         {0},
         "default region=- none:default"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_durations_out_of_range(void **state)
{
    static const struct test tests[] = {
        {SECONDS("899"),
         {.profile = "a"},
         "~/.aws/config, line 4: duration_seconds = 899 is out of range: AWS "
         "takes 900 to 43200 seconds for a role"},
        {SECONDS("43201"), {.profile = "a"}, "900 to 43200 seconds"},
        {SECONDS("-3600"), {.profile = "a"}, "duration_seconds = -3600 is"},
        {SECONDS("99999999999999999999999"),
         {.profile = "a"},
         "is out of range"},
        {CHAINED("3601"),
         {.profile = "a"},
         "~/.aws/config, line 4: duration_seconds = 3601 is out of range: AWS "
         "takes 900 to 3600 seconds for a role that another role assumes"},
        {SECONDS("900"),
         {.profile = "a", .duration = 43201},
         "--session-duration (AWS_SESSION_DURATION): 43201 is out of range: "
         "AWS takes 900 to 43200 seconds for the role of profile 'a'"},
        {CHAINED("900"),
         {.profile = "a", .duration = 3601},
         "AWS takes 900 to 3600 seconds for the role of profile 'a', which "
         "another role assumes"},
        {TWO,
         {NULL},
         {.duration = 899},
         "--session-duration (AWS_SESSION_DURATION): 899 is out of range: AWS "
         "takes 900 to 129600 seconds"},
        {TWO, {NULL}, {.duration = 129601}, "900 to 129600 seconds"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

static void
selects_the_ca_bundle(void **state)
{
    static const struct test tests[] = {
        {"[default]\nca_bundle = /etc/passwd\n",
         NULL,
         {"AWS_CA_BUNDLE=/etc/group", "REQUESTS_CA_BUNDLE=/dev/null"},
         {0},
         "default region=- none:default ca=/etc/group"},
        {"[default]\nca_bundle = /etc/passwd\n",
         NULL,
         {"REQUESTS_CA_BUNDLE=/dev/null"},
         {0},
         "default region=- none:default ca=/etc/passwd"},
        {NULL,
         NULL,
         {"REQUESTS_CA_BUNDLE=/etc"},
         {0},
         "default(not in files) region=- none:default ca=/etc"},
        {"[default]\nca_bundle =\n",
         NULL,
         {"AWS_CA_BUNDLE=", "REQUESTS_CA_BUNDLE="},
         {0},
         "default region=- none:default"},
    };
    static const struct test bad[] = {
        {NULL,
         NULL,
         {"AWS_CA_BUNDLE=/nonexistent"},
         {0},
         "AWS_CA_BUNDLE: CA bundle /nonexistent cannot be read: No such file"},
        {"[default]\n\nca_bundle = ~/x\n",
         NULL,
         {NULL},
         {0},
         "~/.aws/config, line 3: CA bundle ~/x cannot be read"},
        {"[default]\nca_bundle = /x # y\n",
         NULL,
         {NULL},
         {0},
         "inline comments are not supported"},
        {NULL,
         NULL,
         {"REQUESTS_CA_BUNDLE=/nonexistent"},
         {0},
         "REQUESTS_CA_BUNDLE: CA bundle"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
    assert_refused(bad, COUNT(bad));
}

/* A wrong endpoint of either service ends it before anything is asked. */
static void
resolves_the_endpoints(void **state)
{
    static const struct test bad[] = {
        {TWO, {"AWS_ENDPOINT_URL_STS=x"}, {0}, "AWS_ENDPOINT_URL_STS: "},
        {TWO, {"AWS_ENDPOINT_URL_IAM=x"}, {0}, "AWS_ENDPOINT_URL_IAM: "},
    };
    static const struct profile_options options = {.profile = "a",
                                                   .region = "eu-west-3"};
    struct profile profile;
    struct config config;
    struct report report;

    (void)state;
    assert_refused(bad, COUNT(bad));
    clearenv();
    setenv("HOME", aws_home, 1);
    setenv("AWS_ENDPOINT_URL_IAM", "http://localhost:1", 1);
    assert_int_equal(config_load(&config, &report), 0);
    assert_int_equal(profile_resolve(&profile, &config, &options, &report), 0);
    assert_string_equal(profile.sts.host, "sts.eu-west-3.amazonaws.com");
    assert_string_equal(profile.sts.region, "eu-west-3");
    assert_string_equal(profile.iam.origin, "http://localhost:1");
    profile_free(&profile);
    config_free(&config);
}

/* The default session name is made of the user's, and AWS takes it. */
static void
names_the_session_of_a_role(void **state)
{
    static const struct profile_options options = {.profile = "a"};
    const struct passwd *user = getpwuid(getuid());
    char expected[128] = "aws-session-";
    struct profile profile;
    struct config config;
    struct report report;
    char odd[] = "aws-session-j\xC3\xB6rg $x/y";

    (void)state;
    aws_files_write(".aws/config", A_TO_B);
    aws_files_write(".aws/credentials", "[b]\n" KEYS("B"));
    assert_int_equal(config_load(&config, &report), 0);
    assert_int_equal(profile_resolve(&profile, &config, &options, &report), 0);
    if (user != NULL)
        strncat(expected, user->pw_name, 52);
    else
        sprintf(expected + strlen(expected), "%u", (unsigned)getuid());
    profile_value_clean_session_name(expected);
    assert_string_equal(profile.roles[0].session_name, expected);
    profile_free(&profile);
    config_free(&config);
    profile_value_clean_session_name(odd);
    assert_string_equal(odd, "aws-session-j--rg--x-y");
    assert_int_equal(
        profile_value_check(VALUE_ROLE_SESSION_NAME, odd, "x", &report), 0);
}

static void
reads_numbers_as_python_does(void **state)
{
    static const struct {
        const char *text;
        bool valid;
        long number;
    } cases[] = {
        {"0", true, 0},        {"3600", true, 3600}, {" \t3600\n", true, 3600},
        {"+5", true, 5},       {"-5", true, -5},     {"0900", true, 900},
        {"1_000", true, 1000}, {"", false, 0},       {" ", false, 0},
        {"_1", false, 0},      {"1_", false, 0},     {"1__0", false, 0},
        {"1.0", false, 0},     {"1 0", false, 0},    {"0x10", false, 0},
        {"+ 1", false, 0},     {"--1", false, 0},    {"-", false, 0},
        {"1h", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        long number;

        assert_int_equal(profile_value_number(cases[i].text, &number),
                         cases[i].valid);
        if (cases[i].valid)
            assert_int_equal(number, cases[i].number);
    }
}

int
main(void)
{
#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)
    const struct CMUnitTest tests[] = {
        WITH_FILES(selects_the_profile),
        WITH_FILES(refuses_unknown_profiles),
        WITH_FILES(selects_the_region),
        WITH_FILES(refuses_bad_regions),
        WITH_FILES(takes_keys_of_the_environment),
        WITH_FILES(refuses_bad_keys_of_the_environment),
        WITH_FILES(takes_keys_of_the_files),
        WITH_FILES(refuses_bad_keys_of_the_files),
        WITH_FILES(refuses_other_kinds_of_credentials),
        WITH_FILES(follows_role_chains),
        WITH_FILES(refuses_bad_chains),
        WITH_FILES(counts_the_roles),
        WITH_FILES(checks_values_of_a_role),
        WITH_FILES(takes_the_mfa_serial),
        WITH_FILES(takes_durations),
        WITH_FILES(refuses_durations_out_of_range),
        WITH_FILES(selects_the_ca_bundle),
        WITH_FILES(resolves_the_endpoints),
        WITH_FILES(names_the_session_of_a_role),
        cmocka_unit_test(reads_numbers_as_python_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
