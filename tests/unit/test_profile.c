/*
 * Resolving a profile: which one, its region, MFA serial, CA bundle and
 * endpoints (src/cli/config/profile.c).
 */
#include "profile_case.h"

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
        /* The option before the file, whatever stands there. */
        {"[profile a]\nmfa_serial = x\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a", .mfa_serial = "GAHT12345678"},
         "a region=- credentials:a:AKIAA:secretA mfa=GAHT12345678"},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
}

static void
takes_the_mfa_process(void **state)
{
    static const struct test tests[] = {
        {"[profile a]\nmfa_process = ykman oath accounts code -s 'a b'\n",
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a"},
         "a region=- credentials:a:AKIAA:secretA process=ykman oath accounts "
         "code -s 'a b' of profile a (~/.aws/config, line 2)"},
        {A_TO_B "[profile b]\nmfa_process = b\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0 process=b of profile b (~/.aws/config, line "
                "5)")},
        {A_TO_B "mfa_process = a\n[profile b]\nmfa_process = b\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0 process=a of profile a (~/.aws/config, line "
                "4)")},
        /* Switched off. */
        {A_TO_B "mfa_process =\n[profile b]\nmfa_process = b\n",
         "[b]\n" KEYS("B"),
         {NULL},
         {.profile = "a"},
         FROM_B(" role:a:A:*:-:0")},
    };

    (void)state;
    assert_resolved(tests, COUNT(tests));
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(selects_the_profile),
        WITH_FILES(refuses_unknown_profiles),
        WITH_FILES(selects_the_region),
        WITH_FILES(refuses_bad_regions),
        WITH_FILES(takes_the_mfa_serial),
        WITH_FILES(takes_the_mfa_process),
        WITH_FILES(selects_the_ca_bundle),
        WITH_FILES(resolves_the_endpoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
