/*
 * Tests of src/cli/nested.c: whose the variables are.
 */
#include "cli/nested.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
begin(const char *outer, const char *list, const char *profile)
{
    unsetenv("AWS_SESSION_PROFILE");
    unsetenv("AWS_SESSION_FOR_PROFILE");
    if (outer != NULL)
        setenv("AWS_SESSION_PROFILE", outer, 1);
    if (list != NULL)
        setenv("AWS_SESSION_FOR_PROFILE", list, 1);
    nested_begin(profile);
}

static void
set(const char *region, const char *duration)
{
    clearenv();
    setenv("AWS_REGION", region, 1);
    setenv("AWS_SESSION_DURATION", duration, 1);
}

static void
own_variables_stay(void **state)
{
    char text[NESTED_SIZE];

    (void)state;
    set("r1", "1h");
    begin(NULL, NULL, "a");
    assert_string_equal(getenv("AWS_REGION"), "r1");
    assert_string_equal(nested_describe(text, "r1"), "AWS_DEFAULT_REGION=r1");
    begin("a", "AWS_REGION=r2 AWS_SESSION_DURATION=2h", "b");
    assert_string_equal(getenv("AWS_REGION"), "r1");
    assert_string_equal(getenv("AWS_SESSION_DURATION"), "1h");
    assert_null(nested_describe(text, NULL));
}

static void
variables_of_the_outer_profile_go(void **state)
{
    char text[NESTED_SIZE];

    (void)state;
    set("r1", "1h");
    begin("a", "AWS_REGION=r1 AWS_SESSION_DURATION=1h", "b");
    assert_null(getenv("AWS_REGION"));
    assert_null(getenv("AWS_SESSION_DURATION"));
    setenv("AWS_SESSION_MFA_SERIAL", "s", 1); /* by an option */
    assert_string_equal(nested_describe(text, "r3"),
                        "AWS_REGION=r3 AWS_DEFAULT_REGION=r3 "
                        "AWS_SESSION_MFA_SERIAL=s");
}

static void
they_stay_for_their_profile(void **state)
{
    char text[NESTED_SIZE];

    (void)state;
    set("r1", "1h");
    begin("a", "AWS_REGION=r1 AWS_SESSION_DURATION=1h", "a");
    assert_string_equal(getenv("AWS_REGION"), "r1");
    assert_string_equal(nested_describe(text, "r1"),
                        "AWS_REGION=r1 AWS_DEFAULT_REGION=r1 "
                        "AWS_SESSION_DURATION=1h");
}

/* A part of a value, or of a name, is another one. */
static void
only_whole_ones_count(void **state)
{
    static const char *const lists[] = {
        "",         "AWS_REGION=r",  "AWS_REGION=r12",    "XAWS_REGION=r1",
        "AWS_REGI", "AWS_REGION r1", "  AWS_REGION=r1x ", "AWS_REGION="};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        set("r1", "1h");
        begin("a", lists[i], "b");
        assert_string_equal(getenv("AWS_REGION"), "r1");
    }
    set("r1", "1h");
    begin("a", "  x AWS_REGION=r1  ", "b");
    assert_null(getenv("AWS_REGION"));
}

static void
long_values_are_left_out(void **state)
{
    char text[NESTED_SIZE], value[NESTED_SIZE];

    (void)state;
    memset(value, '1', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    clearenv();
    begin(NULL, NULL, "a");
    setenv("AWS_SESSION_DURATION", value, 1);
    assert_null(nested_describe(text, NULL));
    setenv("AWS_SESSION_DURATION", "1 h", 1);
    assert_null(nested_describe(text, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_variables_stay),
        cmocka_unit_test(variables_of_the_outer_profile_go),
        cmocka_unit_test(they_stay_for_their_profile),
        cmocka_unit_test(only_whole_ones_count),
        cmocka_unit_test(long_values_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
