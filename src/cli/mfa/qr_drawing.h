/*
 * A QR code as text for a terminal.
 *
 * Part of aws-session. Pure. Dark on light whatever the colours of the
 * terminal are, since many readers do not take the opposite: each character
 * has both colours set, of the 6x6x6 cube and not of the 16 that themes
 * change. The quiet zone is the four modules of ISO/IEC 18004.
 */
#ifndef AWS_SESSION_QR_DRAWING_H
#define AWS_SESSION_QR_DRAWING_H

#include "qr_symbol.h"

enum qr_form {
    QR_HALF_BLOCKS, /* U+2580, two modules one above the other: for UTF-8 */
    QR_BACKGROUNDS  /* two blanks a module: for all else */
};

/* The size of the drawing in characters, for a symbol of that width. */
void qr_drawing_size(size_t width, enum qr_form form, unsigned *columns,
                     unsigned *rows);

/* Append the drawing to text, which is then as secret as the symbol. Returns
 * 0, or -1 without memory. */
int qr_drawing_append(struct secret *text, const struct qr_symbol *symbol,
                      enum qr_form form);

#endif
