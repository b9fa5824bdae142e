/*
 * A QR code, by aws-session-qr.
 *
 * Part of aws-session. The code holds what it was made of, so it is as secret.
 */
#ifndef AWS_SESSION_QR_SYMBOL_H
#define AWS_SESSION_QR_SYMBOL_H

#include "report.h"
#include "secret.h"

/* All zero is none. */
struct qr_symbol {
    struct secret modules; /* a byte each, 0 light, 1 dark; by rows */
    size_t width;          /* modules in a row, and rows */
};

/* Make the QR code of a text. Returns 0, or -1 with the report filled. */
int qr_symbol_make(struct qr_symbol *symbol, const struct secret *text,
                   struct report *report);

/* Wipe and free. */
void qr_symbol_free(struct qr_symbol *symbol);

#endif
