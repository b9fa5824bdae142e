/*
 * --debug: what was decided and how long it took, on standard error.
 *
 * Part of aws-session. Never given a secret, a session token or an MFA code.
 */
#ifndef AWS_SESSION_DEBUG_H
#define AWS_SESSION_DEBUG_H

#include <stdbool.h>

/* Switch on; the times in the lines count from here, in milliseconds. */
void debug_enable(void);

bool debug_enabled(void);

/* Print one line if debugging is on. Control characters are replaced. */
void debug_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print one line in any case: what a person must know now. */
void warn_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
