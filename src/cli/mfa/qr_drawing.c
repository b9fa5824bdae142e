/*
 * A QR code as text: see qr_drawing.h. Part of aws-session.
 */
#include "qr_drawing.h"

#include <stdbool.h>

enum { QUIET = 4 };

/* Black and white of the colour cube (xterm, "256 colours"). */
#define DARK "16"
#define LIGHT "231"

void
qr_drawing_size(size_t width, enum qr_form form, unsigned *columns,
                unsigned *rows)
{
    unsigned side = (unsigned)width + 2 * QUIET;

    *columns = form == QR_HALF_BLOCKS ? side : 2 * side;
    *rows = form == QR_HALF_BLOCKS ? (side + 1) / 2 : side;
}

/* Whether the module is dark, counted from the corner of the quiet zone; it is
 * light as far as one goes. */
static bool
is_dark(const struct qr_symbol *symbol, size_t row, size_t column)
{
    return row >= QUIET && row < QUIET + symbol->width && column >= QUIET &&
           column < QUIET + symbol->width &&
           symbol->modules
                   .data[(row - QUIET) * symbol->width + column - QUIET] != 0;
}

/* Two modules, one above the other: the upper one is the glyph's colour. */
static const char *
half_block(bool upper, bool lower)
{
    static const char *const cells[2][2] = {
        {"\033[48;5;" LIGHT "m ",
         "\033[38;5;" LIGHT ";48;5;" DARK "m\xE2\x96\x80"},
        {"\033[38;5;" DARK ";48;5;" LIGHT "m\xE2\x96\x80",
         "\033[48;5;" DARK "m "},
    };

    return cells[upper][lower];
}

static const char *
background(bool dark)
{
    return dark ? "\033[48;5;" DARK "m  " : "\033[48;5;" LIGHT "m  ";
}

int
qr_drawing_append(struct secret *text, const struct qr_symbol *symbol,
                  enum qr_form form)
{
    size_t side = symbol->width + 2 * QUIET;
    size_t step = form == QR_HALF_BLOCKS ? 2 : 1;

    for (size_t row = 0; row < side; row += step) {
        for (size_t column = 0; column < side; column++) {
            bool dark = is_dark(symbol, row, column);
            bool below = is_dark(symbol, row + 1, column);

            if (secret_append_string(text, form == QR_HALF_BLOCKS
                                               ? half_block(dark, below)
                                               : background(dark)) != 0)
                return -1;
        }
        if (secret_append_string(text, "\033[0m\n") != 0)
            return -1;
    }
    return 0;
}
