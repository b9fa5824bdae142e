/*
 * Role chains (src/cli/config/profile_roles.c).
 */
#include "profile_case.h"

#include "cli/config/profile_value.h"

#include <pwd.h>

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(follows_role_chains),
        WITH_FILES(refuses_bad_chains),
        WITH_FILES(counts_the_roles),
        WITH_FILES(names_the_session_of_a_role),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
