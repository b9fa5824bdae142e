/*
 * Setting a key of a profile in a text (src/cli/config/config_set.c): where it
 * goes, what is refused, and that nothing else changes its meaning, on texts
 * of any form. tests/test_configure.py has more of the places.
 */
#include "cli/config/config.h"
#include "cli/config/config_same.h"
#include "cli/config/config_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct report report;

static enum edit_outcome
set(const char *text, const char *profile, const char *former,
    struct secret *result)
{
    const struct config_setting setting = {profile, "key", "new value",
                                           former};
    struct secret copy = {0};
    enum edit_outcome outcome;

    assert_int_equal(secret_set(&copy, text, strlen(text)), 0);
    memset(&report, 0, sizeof(report));
    outcome = config_set_edit("FILE", &copy, &setting, result, &report);
    assert_string_equal(copy.data, text);
    secret_free(&copy);
    return outcome;
}

static void
assert_becomes(const char *text, const char *profile, const char *former,
               const char *expected)
{
    struct secret result = {0};

    if (set(text, profile, former, &result) != EDIT_CHANGED)
        fail_msg("\"%s\": %s", text, report.text);
    assert_string_equal(result.data, expected);
    secret_free(&result);
}

static void
it_goes_where_it_belongs(void **state)
{
    (void)state;
    assert_becomes("", "default", NULL, "[default]\nkey = new value\n");
    assert_becomes("[profile default]\nx = 1\n", "default", NULL,
                   "[profile default]\nx = 1\nkey = new value\n");
    assert_becomes("[a]\n", "a", NULL,
                   "[a]\n\n[profile a]\nkey = new value\n");
    assert_becomes("", "my dev", NULL,
                   "[profile 'my dev']\nkey = new value\n");
    assert_becomes("", "it's", NULL,
                   "[profile 'it'\\''s']\nkey = new value\n");
    /* What follows an indented key is no part of its value. */
    assert_becomes("[default]\n  x = 1\n  y = 2\n", "default", NULL,
                   "[default]\n  x = 1\n  y = 2\nkey = new value\n");
    assert_becomes("[DEFAULT]\nkey = d\n[default]\n", "default", NULL,
                   "[DEFAULT]\nkey = d\n[default]\nkey = new value\n");
}

static void
it_is_replaced_where_it_stands(void **state)
{
    (void)state;
    assert_becomes("[default]\nKey: old\nx = 1\n", "default", "old",
                   "[default]\nkey = new value\nx = 1\n");
    assert_becomes("[default]\n\tkey = old\n\t  more\n# c\n\tx = 1\n",
                   "default", "old\nmore",
                   "[default]\n\tkey = new value\n# c\n\tx = 1\n");
    assert_becomes("[default]\nkey = old", "default", "old",
                   "[default]\nkey = new value\n");
}

static void
assert_refused(const char *text, const char *profile, const char *former,
               const char *word)
{
    struct secret result = {0};

    assert_int_equal(set(text, profile, former, &result), EDIT_FAILED);
    assert_non_null(strstr(report.text, word));
    secret_free(&result);
}

static void
what_is_refused(void **state)
{
    (void)state;
    assert_refused("[default]\nkey = other\n", "default", NULL, "meanwhile");
    assert_refused("[default]\nkey = other\n", "default", "old", "meanwhile");
    assert_refused("nonsense\n", "default", NULL, "line 1");
    assert_refused("", "a\nb", NULL, "cannot be set");
    assert_refused("", "a\rb", NULL, "cannot be set");
}

static void
the_same_is_no_change(void **state)
{
    struct secret result = {0};

    (void)state;
    assert_int_equal(
        set("[default]\nkey = new value\n", "default", NULL, &result),
        EDIT_SAME);
    assert_int_equal(result.length, 0);
}

/* Any text: if it is changed, then nothing else is. */
static void
random_texts(void **state)
{
    static const char *const pieces[] = {
        "[default]", "[profile a]", "[profile 'a']", "[DEFAULT]",
        "key = old", "x = 1",       "y:2",           "  z = 3",
        "   deeper", "# c",         "\t; d",         "",
        "s3 =",      "  key = old"};
    const char *const key = "key";
    int changed = 0;

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        char text[512] = "";
        struct secret result = {0};
        struct config_file before = {0}, after = {0};
        const char *former = random() % 2 == 0 ? "old" : NULL;

        for (long j = random() % 9; j >= 0; j--) {
            strcat(
                text,
                pieces[random() % (long)(sizeof(pieces) / sizeof(pieces[0]))]);
            if (j > 0 || random() % 2 == 0)
                strcat(text, random() % 8 == 0 ? "\r\n" : "\n");
        }
        if (set(text, "a", former, &result) == EDIT_CHANGED) {
            const struct config_except except = {"profile a", &key, 1},
                                       quoted = {"profile 'a'", &key, 1};

            changed++;
            assert_int_equal(
                config_file_parse(&before, "", text, strlen(text), &report),
                0);
            assert_int_equal(config_file_parse(&after, "", result.data,
                                               result.length, &report),
                             0);
            assert_true(config_same_except(&before, &after, &except) ||
                        config_same_except(&before, &after, &quoted));
        }
        config_file_free(&before);
        config_file_free(&after);
        secret_free(&result);
    }
    assert_true(changed > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_where_it_belongs),
        cmocka_unit_test(it_is_replaced_where_it_stands),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(the_same_is_no_change),
        cmocka_unit_test(random_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
