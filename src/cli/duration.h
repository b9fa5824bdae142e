/*
 * Durations as a person writes them.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_DURATION_H
#define AWS_SESSION_DURATION_H

/*
 * Read a duration: "3600", "3600s", "90m", "12h", "1h30m". Returns 0 and the
 * seconds, or -1 if it is not of that form or too large for the type.
 */
int duration_parse(const char *text, unsigned *seconds);

#endif
