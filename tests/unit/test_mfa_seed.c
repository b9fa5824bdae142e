/*
 * The seed of an MFA device: decoded, as a URI, in groups.
 */
#include "cli/mfa/mfa_seed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static int
decode(struct secret *seed, const char *sent)
{
    struct secret text = {0};
    struct report report = {""};
    int result;

    assert_int_equal(secret_set(&text, sent, strlen(sent)), 0);
    result = mfa_seed_decode(seed, &text, &report);
    assert_true((result == 0) == (report.text[0] == '\0'));
    if (result != 0 && sent[0] != '\0')
        assert_null(strstr(report.text, sent));
    secret_free(&text);
    return result;
}

/* base64 of the base32 text, of every length modulo 3. */
static void
decodes(void **state)
{
    static const char *const cases[][2] = {
        {"QUJDREVGR0hJSktMTU5PUA==", "ABCDEFGHIJKLMNOP"},
        {"QUJDREVGR0hJSktMTU5PUA", "ABCDEFGHIJKLMNOP"},
        {"QUJDREVGR0hJSktMTU5PUFE=", "ABCDEFGHIJKLMNOPQ"},
        {"QUJDREVGR0hJSktMTU5PUFFS", "ABCDEFGHIJKLMNOPQR"},
        {"MjM0NTY3QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=",
         "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
        {"QUJDREVGR0hJSktMTU5PUD09PT09PT0=", "ABCDEFGHIJKLMNOP"},
    };
    struct secret seed = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(&seed, cases[i][0]), 0);
        assert_string_equal(seed.data, cases[i][1]);
        assert_int_equal(seed.length, strlen(cases[i][1]));
    }
    secret_free(&seed);
}

static void
refuses_what_is_no_seed(void **state)
{
    static const char *const cases[] = {
        "",
        "====",
        "QUJDREVGR0hJSktMTU5P",         /* fifteen characters */
        "QUJDREVGR0hJSktMTU5PUDA=",     /* a zero */
        "YWJjZGVmZ2hpamtsbW5vcA==",     /* small letters */
        "QUJDREVGR0hJ SktMTU5PUA==",    /* a blank */
        "QUJDREVGR0hJSktMTU5PUA==A",    /* behind the padding */
        "QUJDREVGR0hJSktMTU5PUD1B",     /* within the seed's padding */
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ23", /* not encoded a second time */
        "QUJDREVGR0hJSktMTU5PUAAB",     /* a NUL */
    };
    struct secret seed = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(&seed, cases[i]), -1);
        assert_int_equal(seed.length, 0);
    }
    secret_free(&seed);
}

static void
expect_uri(const char *device, enum mfa_uri kind, const char *expected)
{
    struct secret seed = {0}, uri = {0};

    assert_int_equal(secret_set(&seed, "ABCDEFGHIJKLMNOP", 16), 0);
    assert_int_equal(
        mfa_seed_append_uri(&uri, &seed, device, "123456789012", kind), 0);
    assert_string_equal(uri.data, expected);
    secret_free(&seed);
    secret_free(&uri);
}

static void
makes_uris(void **state)
{
    (void)state;
    expect_uri("jane", MFA_URI_FULL,
               "otpauth://totp/Amazon%20Web%20Services:jane@123456789012"
               "?secret=ABCDEFGHIJKLMNOP&issuer=Amazon%20Web%20Services");
    expect_uri("jane", MFA_URI_SHORT,
               "otpauth://totp/jane@123456789012?secret=ABCDEFGHIJKLMNOP");
    /* What a name of AWS may have, and a URI may not. */
    expect_uri("a_b+c=d,e.f@g-h", MFA_URI_SHORT,
               "otpauth://totp/a_b%2Bc%3Dd%2Ce.f%40g-h@123456789012"
               "?secret=ABCDEFGHIJKLMNOP");
}

static void
makes_groups(void **state)
{
    struct secret seed = {0}, text = {0};

    (void)state;
    assert_int_equal(secret_set(&seed, "ABCDEFGHIJ", 10), 0);
    assert_int_equal(secret_append_string(&text, "x "), 0);
    assert_int_equal(mfa_seed_append_groups(&text, &seed), 0);
    assert_string_equal(text.data, "x ABCD EFGH IJ");
    secret_free(&seed);
    secret_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes),
        cmocka_unit_test(refuses_what_is_no_seed),
        cmocka_unit_test(makes_uris),
        cmocka_unit_test(makes_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
