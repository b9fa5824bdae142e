/*
 * Tests of src/common/timestamp.c: against libc's own calendar.
 */
#include "timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void
there_and_back(int64_t seconds)
{
    char text[TIMESTAMP_SIZE], expected[TIMESTAMP_SIZE];
    time_t libc_time = (time_t)seconds;
    int64_t back = -1;
    struct tm utc;

    timestamp_format(seconds, text);
    assert_non_null(gmtime_r(&libc_time, &utc));
    assert_int_equal(
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &utc),
        TIMESTAMP_SIZE - 1);
    assert_string_equal(text, expected);
    assert_int_equal(timestamp_parse(text, &back), 0);
    assert_int_equal(back, seconds);
}

static void
every_day_until_2400(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 157060; day++)
        there_and_back(day * 86400 + day * 7919 % 86400);
    there_and_back(INT64_C(253402300799));
}

static void
out_of_range_is_cut(void **state)
{
    char text[TIMESTAMP_SIZE];

    (void)state;
    timestamp_format(-1, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    timestamp_format(INT64_MIN, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    timestamp_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_until_2400),
        cmocka_unit_test(out_of_range_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
