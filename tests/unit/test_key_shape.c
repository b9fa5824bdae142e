/*
 * The shape of access keys and profile names (src/cli/keys/key_shape.c):
 * limits on both sides, and no value in a report.
 */
#include "cli/keys/key_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEN "ABCDEFGHIJ"

static void
test_id(void **state)
{
    static const char *const good[] = {
        "AKIAIOSFODNN7EXAMPLE", "0123456789abcdef", "test_key_of_local",
        TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "12345678"};
    static const struct {
        const char *id, *said;
    } bad[] = {
        {"", "is empty"},
        {"AKIA", "has 4 characters"},
        {"AKIA12345678901", "has 15 characters"},
        {TEN TEN TEN TEN, "swapped"},
        {TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456789",
         "has 129 characters"},
        {"AKIA/OSFODNN7EXAMPLE", "letters and digits"},
        {"AKIA OSFODNN7EXAMPLE", "letters and digits"},
        {"AKIA\nOSFODNN7EXAMPLE", "letters and digits"},
        {"ASIAIOSFODNN7EXAMPLE", "temporary"},
    };
    struct report report;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(key_shape_check_id(good[i], &report), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(key_shape_check_id(bad[i].id, &report), -1);
        assert_non_null(strstr(report.text, bad[i].said));
        if (strlen(bad[i].id) > 4)
            assert_null(strstr(report.text, bad[i].id));
    }
}

static int
check_secret(const char *text, size_t length, struct report *report)
{
    struct secret secret = {0};
    int result;

    assert_int_equal(secret_set(&secret, text, length), 0);
    result = key_shape_check_secret(&secret, report);
    secret_free(&secret);
    return result;
}

static void
test_secret(void **state)
{
    struct secret empty = {0};
    struct report report;
    char text[257];

    (void)state;
    memset(text, '~', sizeof(text));
    assert_int_equal(key_shape_check_secret(&empty, &report), -1);
    assert_int_equal(check_secret(text, 1, &report), 0);
    assert_int_equal(check_secret(text, 256, &report), 0);
    assert_int_equal(check_secret(text, 257, &report), -1);
    assert_non_null(strstr(report.text, "more than 256"));
    assert_null(strstr(report.text, "~"));
    /* Every byte that is not printable, without the blank. */
    for (int c = 0; c < 256; c++) {
        text[20] = (char)c;
        assert_int_equal(check_secret(text, 40, &report),
                         c > ' ' && c < 0x7F ? 0 : -1);
    }
}

static void
test_profile(void **state)
{
    struct report report;
    char name[301];

    (void)state;
    assert_int_equal(key_shape_check_profile("default", &report), 0);
    assert_int_equal(key_shape_check_profile("a b:c%\xc3\xbc", &report), 0);
    assert_int_equal(key_shape_check_profile("", &report), -1);
    assert_int_equal(key_shape_check_profile("a/b", &report), -1);
    assert_int_equal(key_shape_check_profile("a\033b", &report), -1);
    assert_int_equal(key_shape_check_profile("a\x7f", &report), -1);
    memset(name, 'n', sizeof(name));
    name[300] = '\0';
    assert_int_equal(key_shape_check_profile(name, &report), -1);
    assert_int_equal(key_shape_check_profile(name + 44, &report), -1);
    assert_int_equal(key_shape_check_profile(name + 45, &report), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_profile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
