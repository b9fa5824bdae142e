/*
 * Tests of src/cli/shell_code.c: what is quoted and how. That shells read it
 * back as it was, tests/test_refresh.py and tests/test_export.py show.
 */
#include "cli/shell_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
assert_word(enum shell_kind kind, const char *text, const char *expected)
{
    struct secret code = {0};

    assert_int_equal(shell_code_word(&code, kind, text), 0);
    assert_string_equal(code.data, expected);
    secret_free(&code);
}

static void
values_of_aws_are_bare(void **state)
{
    static const char *const plain[] = {
        "a",           "ASIAIOSFODNN7EXAMPLE",
        "FwoGZX/+a==", "2026-11-25T23:59:59Z",
        "eu-west-1",   "arn:aws:iam::123456789012:mfa/a@b",
        "a,b_c",       "/usr/bin/aws-session"};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        assert_word(SHELL_POSIX, plain[i], plain[i]);
        assert_word(SHELL_FISH, plain[i], plain[i]);
    }
}

static void
all_else_is_quoted(void **state)
{
    /* "=" is the path of a command to zsh where it begins a word. */
    static const struct {
        const char *text, *posix, *fish;
    } words[] = {
        {"", "''", "''"},
        {"a b", "'a b'", "'a b'"},
        {"a\nb", "'a\nb'", "'a\nb'"},
        {"$a`b`!", "'$a`b`!'", "'$a`b`!'"},
        {"'", "''\\'''", "'\\''"},
        {"a'b''", "'a'\\''b'\\'''\\'''", "'a\\'b\\'\\''"},
        {"\\", "'\\'", "'\\\\'"},
        {"\\'", "'\\'\\'''", "'\\\\\\''"},
        {"~", "'~'", "'~'"},
        {"=a", "'=a'", "'=a'"},
        {"a=b", "'a=b'", "'a=b'"},
        {"a:=", "'a:='", "'a:='"},
        {"=", "'='", "'='"},
        {"%self", "'%self'", "'%self'"},
        {"\xC3\xA4", "'\xC3\xA4'", "'\xC3\xA4'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_word(SHELL_POSIX, words[i].text, words[i].posix);
        assert_word(SHELL_FISH, words[i].text, words[i].fish);
    }
}

static void
assert_line(enum shell_kind kind, const char *name, const char *value,
            const char *expected)
{
    struct secret code = {0};

    assert_int_equal(secret_set(&code, "", 0), 0);
    assert_int_equal(shell_code_variable(&code, kind, name, value), 0);
    assert_string_equal(code.data, expected);
    secret_free(&code);
}

static void
variables(void **state)
{
    (void)state;
    assert_line(SHELL_POSIX, "A_1", "b c", "export A_1='b c';\n");
    assert_line(SHELL_POSIX, "A", NULL, "unset -v A;\n");
    assert_line(SHELL_FISH, "A", "b", "set -gx A b;\n");
    assert_line(SHELL_FISH, "A", NULL, "set -eg A; or true;\n");
}

/* A name in the environment may be anything; in code it would be code. */
static void
names_of_no_variable_are_left_out(void **state)
{
    static const char *const names[] = {"",          "1A",   "A B",
                                        "A;touch x", "A\nB", "A$(id)",
                                        "-v",        "A'",   "\xC3\xA4"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_line(SHELL_POSIX, names[i], "b", "");
        assert_line(SHELL_FISH, names[i], NULL, "");
    }
}

static void
kinds(void **state)
{
    enum shell_kind kind = SHELL_FISH;

    (void)state;
    assert_int_equal(shell_code_kind("zsh", &kind), 0);
    assert_int_equal(kind, SHELL_POSIX);
    assert_int_equal(shell_code_kind("fish", &kind), 0);
    assert_int_equal(kind, SHELL_FISH);
    assert_int_equal(shell_code_kind("tcsh", &kind), -1);
    assert_int_equal(kind, SHELL_FISH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_aws_are_bare),
        cmocka_unit_test(all_else_is_quoted),
        cmocka_unit_test(variables),
        cmocka_unit_test(names_of_no_variable_are_left_out),
        cmocka_unit_test(kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
