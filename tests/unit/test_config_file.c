/*
 * The grammar of the AWS files (src/cli/config/config_file.c, config_parse.c).
 */
#include "cli/config/config_file.h"

#include "aws_files.h"

#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a text parses to: "[section]key=value;..." with line ends as "|". */
static void
summarize(const struct config_file *file, char *out, size_t size)
{
    size_t length = 0;

    *out = '\0';
    for (size_t i = 0; i < file->section_count; i++) {
        const struct config_section *section = &file->sections[i];

        length += (size_t)snprintf(out + length, size - length, "[%s]",
                                   section->name);
        for (size_t j = 0; j < section->entry_count; j++)
            length += (size_t)snprintf(out + length, size - length, "%s%s=%s;",
                                       section->entries[j].nested ? "+" : "",
                                       section->entries[j].key,
                                       section->entries[j].value);
    }
    assert_true(length < size);
    for (; *out != '\0'; out++) {
        if (*out == '\n')
            *out = '|';
    }
}

static void
parses_what_is_valid(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"# a\n; b\n \n\t\n", ""},
        {"[a]", "[a]"},
        {"[a]\nk = v\n[b]\nk = w\n", "[a]k=v;[b]k=w;"},
        /* Delimiters: the first = or : counts. */
        {"[a]\nk: v\nl : w\na:b = c\nd = e:f\n", "[a]k=v;l=w;a=b = c;d=e:f;"},
        {"[a]\nk = = v\nl =:\n", "[a]k== v;l=:;"},
        /* Keys are trimmed and folded, values trimmed, nothing expanded. */
        {"[a]\n My Key\t=\t\"v\" \n", "[a]my key=\"v\";"},
        {"[a]\nk = $HOME ~ %(x)s \\n\n", "[a]k=$HOME ~ %(x)s \\n;"},
        {"[a]\nk =\nl=", "[a]k=;l=;"},
        /* No inline comments, comments on lines of their own only. */
        {"[a]\nk = v # x\nl = v ; y\n# k = z\n  ; l = z\n",
         "[a]k=v # x;l=v ; y;"},
        /* Headers: to the last bracket, the rest ignored, blanks kept. */
        {"[ a ] junk\n[b] # [c]\n[]]\n  [d]\n", "[ a ][b] # [c][]][d]"},
        {"[a]\n[x = 1\n", "[a][x=1;"},
        /* Deeper lines continue a value; equal indentation does not. */
        {"[a]\nk = v\n  w\n\tx\n", "[a]k=v|w|x;"},
        {"[a]\n  k = v\n  l = w\n m = x\n", "[a]k=v;l=w;m=x;"},
        {"[a]\nk = v\n [b]\n l = w\n", "[a]k=v|[b]|l = w;"},
        {"[a]\nk = v\n\n\n w\n\n", "[a]k=v|||w;"},
        {"[a]\nk = v\n # no\n\n ; no\n w\n", "[a]k=v||w;"},
        {"[a]\nk = v\n\n w\n x\n", "[a]k=v||w|x;"},
        {"[a]\n  [b]\n  k = v\n", "[a][b]k=v;"},
        /* Nested blocks. */
        {"[a]\ns3 =\n  x = 1\n\n  Y = 2 # z\nk = v\n",
         "[a]+s3=|x = 1||Y = 2 # z;k=v;"},
        {"[a]\ns3 =\n  x =\n    y = 1\n", "[a]+s3=|x =|y = 1;"},
        /* Line ends of all three kinds. */
        {"[a]\r\nk = v\r\n  w\r\n\r\n[b]\r\n", "[a]k=v|w;[b]"},
        {"[a]\rk = v\r  w\r", "[a]k=v|w;"},
        /* Blanks that only Python knows: U+00A0, U+3000, U+2003, 0x1C, 0x1F.
         */
        {"[a]\n\xC2\xA0k\xE3\x80\x80=\xE2\x80\x83v\x1C\x1F\n", "[a]k=v;"},
        {"[a]\nk = v\n\xC2\xA0w\n", "[a]k=v|w;"},
        {"[a]\nk = h\xC3\xA9 \xF0\x9F\x94\x91\n",
         "[a]k=h\xC3\xA9 \xF0\x9F\x94\x91;"},
        /* [DEFAULT] is no section, and may come twice. */
        {"[DEFAULT]\nd = 1\n[a]\nk = v\n[DEFAULT]\ne = 2\n", "[a]k=v;"},
        {"[Default]\nk = v\n", "[Default]k=v;"},
    };
    struct config_file file;
    struct report report;
    char summary[512];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(config_file_parse(&file, "x", cases[i].text,
                                           strlen(cases[i].text), &report),
                         0);
        summarize(&file, summary, sizeof(summary));
        assert_string_equal(summary, cases[i].expected);
        assert_string_equal(file.path, "x");
        config_file_free(&file);
    }
}

#define TEXT(text) text, sizeof(text) - 1

static void
names_the_line_of_an_error(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        const char *report;
    } cases[] = {
        {TEXT("k = v\n[a]\n"), "x, line 1: text before the first [section]"},
        {TEXT("# c\n\n[a\n"), "x, line 3: text before the first [section]"},
        {TEXT("[]\n"), "x, line 1: text before the first [section]"},
        {TEXT("[a]\nk = v\njunk\n"), "x, line 3: neither a [section] nor"},
        {TEXT("[a]\r\rk = v\r\njunk"), "x, line 4: neither a [section] nor"},
        {TEXT("[a]\n  junk\n"), "x, line 2: neither a [section] nor"},
        {TEXT("[a]\n= v\n"), "x, line 2: no key before the delimiter"},
        {TEXT("[a]\n : v\n"), "x, line 2: no key before the delimiter"},
        {TEXT("[a]\nk = 1\n[b]\n[a]\n"), "x, line 4: a second section [a]"},
        {TEXT("[a]\nk = 1\nK: 2\n"), "x, line 3: a second k in the same"},
        {TEXT("[DEFAULT]\nk = 1\n[DEFAULT]\nk = 1\n"),
         "x, line 4: a second k in the same"},
        {TEXT("[a]\ns3 =\n x = 1\n y\n"),
         "x, line 4: this indented line belongs to s3 (line 2)"},
        {TEXT("[a]\ns3 =\n x = 1\x0By\n"),
         "x, line 3: this indented line belongs to s3 (line 2)"},
        {TEXT("\xEF\xBB\xBF[a]\n"), "x, line 1: a byte order mark"},
        {TEXT("[a]\n# caf\xE9\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\r\nk = \xC0\xAF\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\nk = \xE0\x9F\xBF\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\nk = \xF0\x8F\xBF\xBF\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\nk = \xED\xA0\x80\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\nk = \xF4\x90\x80\x80\n"), "x, line 2: not UTF-8"},
        {TEXT("[a]\n\n\nk = \xE2\x82"), "x, line 4: not UTF-8"},
        {TEXT("[a]\nk = a\0b\n"), "x, line 2: a NUL byte"},
    };
    struct config_file file;
    struct report report;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(config_file_parse(&file, "x", cases[i].text,
                                           cases[i].length, &report),
                         -1);
        assert_report(report.text, cases[i].report);
        assert_null(file.path);
        assert_null(file.text.data);
    }
}

/* A broken line of the credentials file may be a secret. */
static void
quotes_no_line(void **state)
{
    static const char *const texts[] = {
        "hunter2\n[a]\n",        "[a]\nhunter2\n",
        "[a]\n= hunter2\n",      "[a]\nk = hunter2\nk = hunter2\n",
        "[a]\ns3 =\n hunter2\n", "[a]\nk = hunter2\xFF\n"};
    struct config_file file;
    struct report report;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(
            config_file_parse(&file, "x", texts[i], strlen(texts[i]), &report),
            -1);
        assert_null(strstr(report.text, "hunter2"));
    }
}

static void
looks_up_keys(void **state)
{
    static const char text[] = "[DEFAULT]\nk = d\nonly = d\n[a]\nk = v\n"
                               "s3 =\n x = 1\n y = 2\n x = 3\n Z =\n";
    const struct config_section *section;
    struct config_file file;
    struct report report;
    char value[8];

    (void)state;
    assert_int_equal(
        config_file_parse(&file, "x", text, strlen(text), &report), 0);
    section = &file.sections[0];
    assert_int_equal(section->line, 4);
    assert_string_equal(config_section_get(section, "k"), "v");
    assert_int_equal(config_section_find(section, "k")->line, 5);
    assert_string_equal(config_section_get(section, "only"), "d");
    assert_int_equal(config_section_find(section, "only")->line, 3);
    assert_null(config_section_get(section, "K"));
    assert_null(config_section_get(NULL, "k"));
    assert_int_equal(config_nested_get(config_section_get(section, "s3"), "x",
                                       value, sizeof(value)),
                     1);
    assert_string_equal(value, "3");
    assert_int_equal(config_nested_get(config_section_get(section, "s3"), "Z",
                                       value, sizeof(value)),
                     0);
    assert_int_equal(config_nested_get(config_section_get(section, "s3"), "z",
                                       value, sizeof(value)),
                     -1);
    assert_int_equal(
        config_nested_get("\na = 12345678", "a", value, sizeof(value)), -1);
    config_file_free(&file);
}

static void
takes_no_file_for_an_empty_one(void **state)
{
    static const struct {
        const char *path;
        bool is_no_file;
    } cases[] = {{"missing", false},
                 {".aws", true},
                 {"fifo", true},
                 {".aws/config/x", false}};
    struct config_file file;
    struct report report;
    char path[128];

    (void)state;
    aws_files_write(".aws/config", "[a]\n");
    aws_files_path("fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        aws_files_path(cases[i].path, path);
        assert_int_equal(config_file_load(&file, path, &report), 0);
        assert_null(file.path);
        assert_int_equal(file.section_count, 0);
        assert_int_equal(file.is_no_file, cases[i].is_no_file);
        config_file_free(&file);
    }
    assert_int_equal(config_file_load(&file, "/dev/null", &report), 0);
    assert_true(file.is_no_file);
}

static void
reads_a_file(void **state)
{
    struct config_file file;
    struct report report;
    char path[128];

    (void)state;
    aws_files_path("other", path);
    aws_files_write("other", "[a]\nk = v");
    assert_int_equal(config_file_load(&file, path, &report), 0);
    assert_string_equal(file.path, path);
    assert_string_equal(config_section_get(&file.sections[0], "k"), "v");
    config_file_free(&file);
    aws_files_write("other", "");
    assert_int_equal(config_file_load(&file, path, &report), 0);
    assert_string_equal(file.path, path);
    config_file_free(&file);
    aws_files_write("other", "[a]\njunk\n");
    assert_int_equal(config_file_load(&file, path, &report), -1);
    assert_report(report.text, "~/other, line 2: neither");
}

/* root reads everything, so root becomes somebody else for a moment. */
static void
names_a_file_that_cannot_be_read(void **state)
{
    struct config_file file;
    struct report report;
    bool is_root = geteuid() == 0;
    char path[128];

    (void)state;
    aws_files_path("other", path);
    aws_files_write("other", "[a]\n");
    assert_int_equal(chmod(path, 0), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(config_file_load(&file, path, &report), -1);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_report(report.text, "~/other: cannot be read: Permission denied");
}

static void
refuses_a_huge_file(void **state)
{
    struct config_file file;
    struct report report;
    char path[128];

    (void)state;
    aws_files_path("other", path);
    aws_files_write("other", "[a]\n");
    assert_int_equal(truncate(path, CONFIG_FILE_MAX + 1), 0);
    assert_int_equal(config_file_load(&file, path, &report), -1);
    assert_report(report.text, "~/other: longer than 1 MiB");
    assert_int_equal(
        config_file_parse(&file, "x", "", CONFIG_FILE_MAX + 1, &report), -1);
}

/* The largest file, once of sections and once of keys: no quadratic time. */
static void
parses_the_largest_file_quickly(void **state)
{
    char *text = malloc(CONFIG_FILE_MAX + 32);
    struct config_file file;
    struct report report;

    (void)state;
    assert_non_null(text);
    for (int of_keys = 0; of_keys < 2; of_keys++) {
        size_t length = (size_t)sprintf(text, "[a]\n");
        clock_t begin = clock();

        for (unsigned i = 0; length < CONFIG_FILE_MAX - 16; i++)
            length += (size_t)sprintf(text + length,
                                      of_keys ? "k%u=\n" : "[%u]\n", i);
        assert_int_equal(config_file_parse(&file, "x", text, length, &report),
                         0);
        assert_true(file.section_count > 100000 ||
                    file.sections[0].entry_count > 100000);
        config_file_free(&file);
        /* Milliseconds; quadratic time would be minutes. */
        assert_true(clock() - begin < 10 * CLOCKS_PER_SEC);
    }
    free(text);
}

int
main(void)
{
#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_what_is_valid),
        cmocka_unit_test(names_the_line_of_an_error),
        cmocka_unit_test(quotes_no_line),
        cmocka_unit_test(looks_up_keys),
        WITH_FILES(takes_no_file_for_an_empty_one),
        WITH_FILES(reads_a_file),
        WITH_FILES(names_a_file_that_cannot_be_read),
        WITH_FILES(refuses_a_huge_file),
        cmocka_unit_test(parses_the_largest_file_quickly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
