/*
 * Secrets to standard output: what refresh and export print.
 *
 * Part of aws-session. Past stdio, whose buffer would keep a copy.
 */
#ifndef AWS_SESSION_OUTPUT_H
#define AWS_SESSION_OUTPUT_H

#include "report.h"
#include "secret.h"

/* Write all of text. Returns 0, or -1 with the report filled. */
int output_write(const struct secret *text, struct report *report);

#endif
