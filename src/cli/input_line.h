/*
 * A line of standard input that may be a secret.
 *
 * Part of aws-session. Reads a byte at a time and nothing behind the line:
 * what follows is not ours.
 */
#ifndef AWS_SESSION_INPUT_LINE_H
#define AWS_SESSION_INPUT_LINE_H

#include "report.h"
#include "secret.h"

/*
 * Read up to a newline, which is left out, or to the end of the input. what
 * says in a report what the line is to be, as in "the MFA code". Returns 0; 1
 * without a report if the input ended before the line; -1 with the report
 * filled for a NUL byte, for more than most bytes, and if reading fails.
 */
int input_line_read(struct secret *line, size_t most, const char *what,
                    struct report *report);

#endif
