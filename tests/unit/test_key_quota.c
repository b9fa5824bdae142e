/*
 * The key quota out of /proc/key-users (src/cli/keys/key_quota.c).
 */
#include "cli/keys/key_quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char text[] = "    0:    32 31/31 20/1000000 7271/25000000\n"
                           " 1001:     6 6/6 5/200 1161/20000\n"
                           "garbage\n"
                           "4294967294:     2 2/2 2/300 30/40000\n";

static void
test_found(void **state)
{
    struct key_quota quota;

    (void)state;
    assert_int_equal(key_quota_parse(text, 0, &quota), 0);
    assert_int_equal(quota.keys, 20);
    assert_int_equal(quota.keys_most, 1000000);
    assert_int_equal(quota.bytes, 7271);
    assert_int_equal(quota.bytes_most, 25000000);
    assert_int_equal(key_quota_parse(text, 1001, &quota), 0);
    assert_int_equal(quota.keys, 5);
    assert_int_equal(quota.bytes_most, 20000);
    assert_int_equal(key_quota_parse(text, 4294967294U, &quota), 0);
    assert_int_equal(quota.keys_most, 300);
}

static void
test_absent(void **state)
{
    struct key_quota quota = {1, 1, 1, 1};

    (void)state;
    assert_int_equal(key_quota_parse(text, 100, &quota), -1);
    assert_int_equal(quota.keys_most, 0);
    assert_int_equal(key_quota_parse("", 0, &quota), -1);
    assert_int_equal(key_quota_parse("0: 1 1/1 2", 0, &quota), -1);
    assert_int_equal(quota.keys, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
