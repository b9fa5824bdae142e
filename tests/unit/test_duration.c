/*
 * Durations (src/cli/duration.c): as a person writes and reads them.
 */
#include "cli/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_parse(void **state)
{
    static const struct {
        const char *text;
        unsigned seconds;
    } good[] = {
        {"0", 0},       {"3600", 3600},   {"3600s", 3600},
        {"90m", 5400},  {"12h", 43200},   {"1h30m", 5400},
        {"1h1s", 3601}, {"30m1h", 5400},  {"4294967295", 4294967295U},
        {"00", 0},      {"1h0m0s", 3600},
    };
    static const char *const bad[] = {
        "",     " ",          "h",         "1d",
        "1h30", "1 h",        "-1",        "+1",
        "1.5h", "4294967296", "0x10",      "1hh",
        "1h ",  "1H",         "71582789m", "99999999999999999999h"};
    unsigned seconds;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(duration_parse(good[i].text, &seconds), 0);
        assert_int_equal(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(duration_parse(bad[i], &seconds), -1);
}

static void
test_format(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {-5, "0 s"},
        {0, "0 s"},
        {59, "59 s"},
        {60, "1 min"},
        {3599, "59 min"},
        {3600, "1 h 0 min"},
        {43199, "11 h 59 min"},
        {129600, "36 h 0 min"},
        {INT64_MAX, "2562047788015215 h 30 min"},
    };
    char text[DURATION_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        duration_format(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
