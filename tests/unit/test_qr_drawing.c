/*
 * QR codes as text: both forms, their size, and that nothing but black and
 * white of the colour cube is in them. That a reader reads them is shown by
 * test_provision.py.
 */
#include "cli/helper.h"
#include "cli/mfa/qr_drawing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

const char qr_path[] = "/nonexistent/aws-session-qr";

#define HALF "\xE2\x96\x80"
#define LIGHT "\033[48;5;231m "
#define DARK "\033[48;5;16m "
#define DARK_ABOVE "\033[38;5;16;48;5;231m" HALF
#define DARK_BELOW "\033[38;5;231;48;5;16m" HALF

/*
 * Three by three:  # . #
 *                  # # .
 *                  . . #
 */
static struct qr_symbol
small_symbol(void)
{
    struct qr_symbol symbol = {.width = 3};

    assert_int_equal(secret_set(&symbol.modules, "\1\0\1\1\1\0\0\0\1", 9), 0);
    return symbol;
}

/* Line number of a text, with its newline; to be used before the next call. */
static const char *
line_of(const struct secret *text, unsigned number, char line[4096])
{
    const char *at = text->data;
    size_t length;

    while (number-- > 0)
        at = strchr(at, '\n') + 1;
    length = (size_t)(strchr(at, '\n') - at) + 1;
    assert_true(length < 4096);
    memcpy(line, at, length);
    line[length] = '\0';
    return line;
}

static unsigned
count(const struct secret *text, const char *part)
{
    unsigned found = 0;

    for (const char *at = text->data; (at = strstr(at, part)) != NULL; at++)
        found++;
    return found;
}

#define LIGHT4 LIGHT LIGHT LIGHT LIGHT

static void
draws_half_blocks(void **state)
{
    struct qr_symbol symbol = small_symbol();
    struct secret text = {0};
    unsigned columns, rows;
    char line[4096];

    (void)state;
    qr_drawing_size(3, QR_HALF_BLOCKS, &columns, &rows);
    assert_int_equal(columns, 11);
    assert_int_equal(rows, 6); /* of 11 half ones: one is left over */
    assert_int_equal(qr_drawing_append(&text, &symbol, QR_HALF_BLOCKS), 0);
    assert_int_equal(count(&text, "\n"), 6);
    assert_int_equal(count(&text, "\033[0m\n"), 6);
    for (unsigned row = 0; row < 6; row++)
        if (row != 2 && row != 3)
            assert_string_equal(line_of(&text, row, line),
                                LIGHT4 LIGHT LIGHT LIGHT LIGHT4 "\033[0m\n");
    assert_string_equal(line_of(&text, 2, line),
                        LIGHT4 DARK DARK_BELOW DARK_ABOVE LIGHT4 "\033[0m\n");
    assert_string_equal(line_of(&text, 3, line),
                        LIGHT4 LIGHT LIGHT DARK_ABOVE LIGHT4 "\033[0m\n");
    secret_free(&text);
    qr_symbol_free(&symbol);
}

static void
draws_backgrounds(void **state)
{
    struct qr_symbol symbol = small_symbol();
    struct secret text = {0};
    unsigned columns, rows;

    (void)state;
    qr_drawing_size(3, QR_BACKGROUNDS, &columns, &rows);
    assert_int_equal(columns, 22);
    assert_int_equal(rows, 11);
    assert_int_equal(qr_drawing_append(&text, &symbol, QR_BACKGROUNDS), 0);
    assert_int_equal(count(&text, "\033[0m\n"), 11);
    assert_int_equal(count(&text, DARK " "), 5);
    assert_int_equal(count(&text, LIGHT " "), 11 * 11 - 5);
    for (const char *c = text.data; *c != '\0'; c++)
        assert_true(*c == '\033' || *c == '\n' || (*c >= ' ' && *c <= '~'));
    secret_free(&text);
    qr_symbol_free(&symbol);
}

/* What stands in front stays. */
static void
appends(void **state)
{
    struct qr_symbol symbol = small_symbol();
    struct secret text = {0};

    (void)state;
    assert_int_equal(secret_append_string(&text, "first\n"), 0);
    assert_int_equal(qr_drawing_append(&text, &symbol, QR_HALF_BLOCKS), 0);
    assert_memory_equal(text.data, "first\n\033[", 8);
    secret_free(&text);
    qr_symbol_free(&symbol);
    assert_null(symbol.modules.data);
    qr_symbol_free(&symbol);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_half_blocks),
        cmocka_unit_test(draws_backgrounds),
        cmocka_unit_test(appends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
