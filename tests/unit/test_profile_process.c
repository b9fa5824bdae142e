/*
 * Profiles that stand for another one (src/cli/config/profile_process.c), and
 * the key that the session which we are in was opened with.
 */
#include "profile_case.h"

#include "cli/config/profile_process.h"

#define OURS(profile)                                                         \
    "credential_process = /x/aws-session export --profile " profile "\n"

static void
knows_its_own_command(void **state)
{
    static const struct {
        const char *command, *profile;
        bool own;
    } tests[] = {
        {"aws-session export", NULL, true},
        {"/usr/bin/aws-session export --profile a", "a", true},
        {"'/my bin/aws-session' --profile='my dev' export", "my dev", true},
        {"aws-session --profile a --profile \"b c\"", "b c", true},
        {"aws-session export --profile", NULL, true},
        {"aws-session export --profile ''", "", true},
        {"aws-session export --profiles a", NULL, true},
        {"aws-session export --profile 'a", NULL, true},
        {"/usr/bin/aws-session-x --profile a", NULL, false},
        {"env aws-session --profile a", NULL, false},
        {"aws-vault export --profile a", NULL, false},
        {"", NULL, false},
        {"'", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(tests); i++) {
        char *profile = profile_process_profile(tests[i].command);

        assert_int_equal(profile_process_is_own(tests[i].command),
                         tests[i].own);
        if (tests[i].profile == NULL)
            assert_null(profile);
        else
            assert_string_equal(profile, tests[i].profile);
        free(profile);
    }
}

static void
follows_to_the_profile_with_the_key(void **state)
{
    static const struct test tests[] = {
        {"[profile a]\n" OURS("b") "[profile b]\nregion = r\nmfa_serial = "
                                   "arn:aws:iam::1:mfa/b\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" mfa=arn:aws:iam::1:mfa/b")},
        /* The region is the profile's own; what makes the session is not. */
        {"[profile a]\nregion = eu-west-1\nmfa_serial = "
         "arn:aws:iam::1:mfa/a\n" OURS("b") "[profile b]\n",
         "[b]\n" KEYS("B"),
         {"AWS_PROFILE=a"},
         {0},
         "a region=eu-west-1 credentials:b:AKIAB:secretB"},
        /* To a key that is only in the keyring; over two steps. */
        {"[profile a]\n" OURS("c") "[profile c]\n" OURS("b"),
         NULL,
         {NULL},
         {.profile = "a", .is_stored = b_is_stored},
         "a region=- none:b"},
        /* A key of its own, a role, another kind: they go before it. */
        {"[profile a]\n" OURS("b") "[profile b]\n",
         "[a]\n" KEYS("A") "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA"},
        {"[profile a]\n" OURS("c") ROLE("A") "source_profile = b\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
        /* In a role chain. */
        {A_TO_B "[profile b]\n" OURS("c") "[profile c]\n" ROLE(
             "C") "source_profile = default\n",
         "[default]\n" KEYS("D"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:default:AKIAD:secretD role:c:C:*:-:0 "
         "role:a:A:*:-:0"},
        /* Itself, or nobody: no credentials. */
        {"[profile a]\n" OURS("a"),
         NULL,
         {NULL},
         {.profile = "a"},
         "a region=- none:a"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
refuses_ways_that_do_not_end(void **state)
{
    static const struct test tests[] = {
        {"[profile a]\n" OURS("b") "[profile b]\n" OURS("a"),
         NULL,
         {NULL},
         {.profile = "a"},
         "~/.aws/config, line 4: credential_process of profile 'b' leads in a "
         "circle"},
        {"[profile a]\n" OURS("nobody"),
         NULL,
         {NULL},
         {.profile = "a"},
         "names profile 'nobody', which does not exist"},
        {A_TO_B "[profile b]\n" OURS("a"),
         NULL,
         {NULL},
         {.profile = "a"},
         "leads back to a profile of the same role chain"},
        /* Also if there is a key on the way. */
        {A_TO_B "[profile b]\n" OURS("a"),
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "leads back to a profile of the same role chain"},
        {"[profile a]\nsso_session = x\n" OURS("b") "[profile b]\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         "IAM Identity Center"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
}

#define INSIDE "AWS_SESSION_PROFILE=b", "AWS_SESSION_PARENT_KEY_ID=AKIAP"
#define IS_INSIDE "b region=eu-west-2 stashed:b:AKIAP:-"

static void
knows_the_key_of_the_session(void **state)
{
    static const struct test tests[] = {
        {TWO, {INSIDE}, {0}, IS_INSIDE},
        {TWO, {INSIDE, "AWS_DEFAULT_PROFILE=b"}, {0}, IS_INSIDE},
        {TWO, {INSIDE, "AWS_PROFILE=a"}, {0}, IS_A},
        {TWO, {INSIDE, "AWS_PROFILE=a"}, {.own_first = true}, IS_INSIDE},
        {TWO, {INSIDE}, {.profile = "b"}, IS_B},
        /* A key that was set inside goes before it. */
        {TWO,
         {INSIDE, "AWS_DEFAULT_PROFILE=b", ENV_KEYS},
         {0},
         "b region=eu-west-2 environment:b:AKIAE:secretE"},
    };
    static const struct test wrong[] = {
        {TWO,
         {"AWS_SESSION_PROFILE=default", "AWS_SESSION_PARENT_KEY_ID=a b"},
         {0},
         "AWS_SESSION_PARENT_KEY_ID: aws_access_key_id '...' has a "
         "character"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
    assert_refused(wrong, COUNT(wrong));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(knows_its_own_command),
        WITH_FILES(follows_to_the_profile_with_the_key),
        WITH_FILES(refuses_ways_that_do_not_end),
        WITH_FILES(knows_the_key_of_the_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
