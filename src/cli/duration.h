/*
 * Durations as a person writes them.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_DURATION_H
#define AWS_SESSION_DURATION_H

#include <stdint.h>

enum { DURATION_SIZE = 32 };

/*
 * Read a duration: "3600", "3600s", "90m", "12h", "1h30m". Returns 0 and the
 * seconds, or -1 if it is not of that form or too large for the type.
 */
int duration_parse(const char *text, unsigned *seconds);

/* Write a duration, as "3 h 20 min", "12 min" or "45 s"; below 0 is 0. */
void duration_format(int64_t seconds, char text[DURATION_SIZE]);

#endif
