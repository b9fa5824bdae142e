/*
 * Unit tests of mfa_code.c: what is a code and what is not. That one is used
 * once is proved with the real keyring, in tests/test_mfa.py.
 */
#include "cli/mfa/mfa_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
takes_six_digits_and_leaves_blanks_out(void **state)
{
    static const char *const texts[] = {"012345", "012345\r", " 012 345 ",
                                        "\t0\t1 2345", "0 1 2 3 4 5 \r"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char code[MFA_CODE_SIZE] = "";

        assert_int_equal(mfa_parse_code(texts[i], code), 0);
        assert_string_equal(code, "012345");
    }
}

static void
refuses_all_else(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "01234",
                                        "0123456",
                                        "012345 6",
                                        "01234a",
                                        "a012345",
                                        "-12345",
                                        "+12345",
                                        "0x1234",
                                        "1e2345",
                                        "12345.",
                                        "012345\n",
                                        "012\n345",
                                        "12\v3456",
                                        "-",
                                        "12345\xef\xbc\x96"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char code[MFA_CODE_SIZE] = "";

        assert_int_equal(mfa_parse_code(texts[i], code), -1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_six_digits_and_leaves_blanks_out),
        cmocka_unit_test(refuses_all_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
