/*
 * Values of a profile and their limits (src/cli/config/profile_value.c).
 */
#include "profile_case.h"

#include "cli/config/profile_value.h"

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
        {NULL,
         "[a]\n" KEYS("A"),
         {NULL},
         {.profile = "a", .mfa_serial = "x"},
         "--mfa-serial (AWS_SESSION_MFA_SERIAL): mfa_serial 'x' has 1 char"},
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
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
    };

    (void)state;
    assert_refused(tests, COUNT(tests));
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
    const struct CMUnitTest tests[] = {
        WITH_FILES(checks_values_of_a_role),
        WITH_FILES(takes_durations),
        WITH_FILES(refuses_durations_out_of_range),
        cmocka_unit_test(reads_numbers_as_python_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
