/*
 * Taking an access key out of a text (src/cli/config/credentials_text.c): what
 * goes, what stays, and that nothing else changes its meaning, on texts of any
 * form.
 */
#include "cli/config/config_file.h"
#include "cli/config/credentials_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define PAIR                                                                  \
    "aws_access_key_id = " ID "\n"                                            \
    "aws_secret_access_key = " SECRET "\n"

static struct report report;

static enum credentials_found
remove_from(const char *text, const char *section, struct secret *result)
{
    const struct credentials_pair pair = {section, ID, SECRET};
    struct secret copy = {0};
    enum credentials_found found;

    assert_int_equal(secret_set(&copy, text, strlen(text)), 0);
    memset(&report, 0, sizeof(report));
    found = credentials_text_remove("FILE", &copy, &pair, result, &report);
    assert_string_equal(copy.data, text);
    secret_free(&copy);
    assert_null(strstr(report.text, SECRET));
    return found;
}

static void
assert_becomes(const char *text, const char *expected)
{
    struct secret result = {0};

    if (remove_from(text, "default", &result) != CREDENTIALS_FOUND)
        fail_msg("\"%s\": %s", text, report.text);
    assert_string_equal(result.data, expected);
    assert_int_equal(result.length, strlen(expected));
    secret_free(&result);
}

static void
only_the_two_lines_go(void **state)
{
    (void)state;
    assert_becomes("[default]\n" PAIR, "[default]\n");
    assert_becomes("[default]\n" PAIR "\n# end", "[default]\n\n# end");
    assert_becomes("[default]\n" PAIR "[x]\n" PAIR, "[default]\n[x]\n" PAIR);
    assert_becomes("# top\n\n[a]\nb = c\n[default]\n"
                   "# my key\n" PAIR "; since May\nregion = eu-west-1\n\n\n"
                   "[z]\ny=x\n",
                   "# top\n\n[a]\nb = c\n[default]\n"
                   "# my key\n; since May\nregion = eu-west-1\n\n\n"
                   "[z]\ny=x\n");
    /* Apart, in the other order, in capitals, with colons and no blanks. */
    assert_becomes("[default]\nAWS_SECRET_Access_Key:" SECRET "\nregion=r\n"
                   "Aws_Access_Key_Id=" ID,
                   "[default]\nregion=r\n");
    assert_becomes("[default]\r\nregion = r\r\naws_access_key_id = " ID "\r\n"
                   "aws_secret_access_key = " SECRET "\r\noutput = json\r\n",
                   "[default]\r\nregion = r\r\noutput = json\r\n");
    assert_becomes("[default]\raws_access_key_id=" ID
                   "\raws_secret_access_key=" SECRET "\rregion=r\r",
                   "[default]\rregion=r\r");
    /* No line break at the end: neither is one made. */
    assert_becomes("[default]\n" PAIR "region = r", "[default]\nregion = r");
    assert_becomes("[default]\nregion = r\n"
                   "aws_secret_access_key = " SECRET "\n"
                   "aws_access_key_id = " ID,
                   "[default]\nregion = r\n");
}

static void
lines_that_go_on(void **state)
{
    (void)state;
    /* Values of others, before and behind. */
    assert_becomes("[default]\ns3 =\n  a = b\n\n  c = d\n" PAIR
                   "sts =\n  e = f\n",
                   "[default]\ns3 =\n  a = b\n\n  c = d\nsts =\n  e = f\n");
    /* Indented keys: no continuation, as long as all are the same. */
    assert_becomes("[default]\n  aws_access_key_id = " ID "\n"
                   "  aws_secret_access_key = " SECRET "\n  region = r\n"
                   " output = json\n",
                   "[default]\n  region = r\n output = json\n");
    /* A comment inside of a value belongs to no line of it. */
    assert_becomes("[default]\nregion = r\naws_access_key_id = " ID "\n"
                   "    # note\naws_secret_access_key = " SECRET "\n"
                   "\n   ; note\n[b]\n",
                   "[default]\nregion = r\n    # note\n"
                   "\n   ; note\n[b]\n");
}

/* The value on a line of its own below its key is one value for the CLI. */
static void
value_below_its_key(void **state)
{
    struct secret result = {0};

    (void)state;
    assert_int_equal(remove_from("[default]\naws_access_key_id = " ID "\n"
                                 "aws_secret_access_key = " SECRET "\n"
                                 "  more\n",
                                 "default", &result),
                     CREDENTIALS_FAILED);
    assert_non_null(strstr(report.text, "was changed meanwhile"));
    secret_free(&result);
}

static void
refusals(void **state)
{
    static const struct {
        const char *text, *section;
        enum credentials_found found;
        const char *words;
    } cases[] = {
        {"", "default", CREDENTIALS_GONE, ""},
        {"[default]\nregion = r\n", "default", CREDENTIALS_GONE, ""},
        {"[x]\n" PAIR, "default", CREDENTIALS_GONE, ""},
        {"[DEFAULT]\n" PAIR "[default]\n", "default", CREDENTIALS_GONE, ""},
        {"[default]\naws_access_key_id = " ID "\n", "default",
         CREDENTIALS_FAILED, "FILE: the access key of [default] was changed"},
        {"[default]\naws_secret_access_key = " SECRET "\n", "default",
         CREDENTIALS_FAILED, "was changed meanwhile"},
        {"[default]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n"
         "aws_secret_access_key = " SECRET "\n",
         "default", CREDENTIALS_FAILED, "was changed meanwhile"},
        {"[default]\naws_access_key_id = " ID "\n"
         "aws_secret_access_key = " SECRET "x\n",
         "default", CREDENTIALS_FAILED, "was changed meanwhile"},
        {"[default]\n" PAIR "[default]\n", "default", CREDENTIALS_FAILED,
         "second section"},
        {"[default]\n" PAIR "junk\n", "default", CREDENTIALS_FAILED, "line 4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct secret result = {0};

        assert_int_equal(remove_from(cases[i].text, cases[i].section, &result),
                         cases[i].found);
        if (strstr(report.text, cases[i].words) == NULL)
            fail_msg("%zu: %s", i, report.text);
        secret_free(&result);
    }
}

/* --- texts of any form ----------------------------------------------------
 */

static uint32_t seed;

static uint32_t
draw(uint32_t below)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % below;
}

/* A text of lines as people, editors and tools leave them. */
static void
make_text(char *text)
{
    static const char *const lines[] = {
        "[default]",
        "[profile a]",
        "[ b ]",
        "[c]d]",
        "[DEFAULT]",
        "aws_access_key_id = " ID,
        "aws_secret_access_key = " SECRET,
        "AWS_ACCESS_KEY_ID=" ID,
        "aws_secret_access_key:" SECRET,
        "aws_access_key_id = " ID,
        "aws_secret_access_key = " SECRET,
        "region = r",
        "output : json",
        "s3 =",
        "a = b",
        "# aws_access_key_id = " ID,
        "; note",
        "",
        "\xC2\xA0",
        "\xE2\x80\x83\xE2\x80\x83x = y",
    };
    static const char *const indents[] = {"",  "",   "",     "",   "",
                                          " ", "  ", "    ", "\t", "\xC2\xA0"};
    static const char *const ends[] = {"\n", "\n", "\n", "\n", "\r\n", "\r"};
    uint32_t count = 2 + draw(14);
    const char *end = ends[draw(6)];

    strcpy(text, draw(4) != 0 ? "[default]" : "# top");
    strcat(text, end);
    for (uint32_t i = 0; i < count; i++) {
        strcat(text, indents[draw(10)]);
        strcat(text, lines[draw(20)]);
        if (i + 1 < count || draw(2) != 0)
            strcat(text, draw(12) == 0 ? ends[draw(6)] : end);
    }
}

/* What a file means, as one text; without the pair of one section. */
static char *
describe(const struct config_file *file, const char *without)
{
    static char buffers[2][65536];
    static unsigned next;
    char *text = buffers[next++ % 2], *to = text;

    for (size_t i = 0; i < file->section_count; i++) {
        const struct config_section *section = &file->sections[i];
        bool cut = without != NULL && strcmp(section->name, without) == 0;

        to += sprintf(to, "{%s}", section->name);
        for (size_t j = 0; j < section->entry_count; j++) {
            const struct config_entry *entry = &section->entries[j];

            if (!cut || (strcmp(entry->key, "aws_access_key_id") != 0 &&
                         strcmp(entry->key, "aws_secret_access_key") != 0))
                to += sprintf(to, "<%s><%s>%d", entry->key, entry->value,
                              entry->nested);
        }
        for (size_t j = 0; j < section->default_count; j++)
            to += sprintf(to, "(%s)(%s)", section->defaults[j].key,
                          section->defaults[j].value);
    }
    *to = '\0';
    return text;
}

/* Whether the shorter text is the longer one with bytes left out. */
static bool
is_subsequence(const char *part, const char *whole)
{
    for (; *whole != '\0'; whole++)
        if (*part == *whole)
            part++;
    return *part == '\0';
}

/* Returns whether the text had a pair to take out. */
static bool
try_text(const char *text)
{
    struct config_file before, after;
    struct secret result = {0};
    struct report ignored;
    bool had = false;

    if (config_file_parse(&before, "FILE", text, strlen(text), &ignored) != 0)
        return false;
    if (remove_from(text, "default", &result) == CREDENTIALS_FOUND) {
        had = true;
        assert_int_equal(config_file_parse(&after, "FILE", result.data,
                                           result.length, &ignored),
                         0);
        assert_string_equal(describe(&before, "default"),
                            describe(&after, NULL));
        assert_true(is_subsequence(result.data, text));
        config_file_free(&after);
    } else if (strstr(report.text, "cannot be taken out") != NULL) {
        fail_msg("this should be possible: %s", text);
    }
    secret_free(&result);
    config_file_free(&before);
    return had;
}

static void
random_texts(void **state)
{
    static char text[4096];
    unsigned taken_out = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        seed = i;
        make_text(text);
        taken_out += try_text(text);
    }
    assert_true(taken_out > 500);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_two_lines_go),
        cmocka_unit_test(lines_that_go_on),
        cmocka_unit_test(value_below_its_key),
        cmocka_unit_test(refusals),
        cmocka_unit_test(random_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
