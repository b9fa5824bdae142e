/*
 * Words as a shell splits them (src/cli/config/config_name.c).
 */
#include "cli/config/config_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
splits_words_like_a_shell(void **state)
{
    static const struct {
        const char *text, *words; /* each followed by a "|" */
        int last;                 /* what ends it */
    } cases[] = {
        {"", "", 0},
        {"  \t\n", "", 0},
        {"a b\tc\nd", "a|b|c|d|", 0},
        {"'a b' \"c d\"", "a b|c d|", 0},
        {"a'b'\"c\"d", "abcd|", 0},
        {"'' \"\"", "||", 0},
        {"a\\ b \\\\ \\'", "a b|\\|'|", 0},
        {"\"a\\\"b\\\\c\\d\"", "a\"b\\c\\d|", 0},
        {"'a\\'", "a\\|", 0},
        {"# a", "#|a|", 0},
        {"a 'b", "a|", -1},
        {"a \"b", "a|", -1},
        {"a \"b\\\"", "a|", -1},
        {"a b\\", "a|", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = cases[i].text;
        char words[64] = "";
        char word[64];
        int status;

        while ((status = config_name_word(&text, word)) == 1) {
            strcat(words, word);
            strcat(words, "|");
        }
        assert_string_equal(words, cases[i].words);
        assert_int_equal(status, cases[i].last);
    }
}

/* What config.c relies on: the kind is a prefix, and one word follows. */
static void
names_a_section(void **state)
{
    char name[64];

    (void)state;
    assert_string_equal(config_name_of("services a", "services", name), "a");
    assert_string_equal(config_name_of("servicesx 'a b'", "services", name),
                        "a b");
    assert_null(config_name_of("service a", "services", name));
    assert_null(config_name_of("services", "services", name));
    assert_null(config_name_of("services a b", "services", name));
    assert_null(config_name_of("services a 'b", "services", name));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_words_like_a_shell),
        cmocka_unit_test(names_a_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
