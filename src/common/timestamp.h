/*
 * Points in time as AWS writes them: ISO 8601 in UTC, RFC 3339.
 *
 * Part of libcommon. Arithmetic only: gmtime(3) and timegm(3) would read the
 * zone file, for which there is no need and no time.
 */
#ifndef AWS_SESSION_TIMESTAMP_H
#define AWS_SESSION_TIMESTAMP_H

#include <stdint.h>

enum { TIMESTAMP_SIZE = 21 };

/*
 * Read "2026-01-31T23:59:59Z", with or without a fraction of a second, which
 * is dropped. Returns 0 and the seconds since 1970 UTC, or -1 if the text is
 * not exactly of that form or no such moment from 1970 on.
 */
int timestamp_parse(const char *text, int64_t *seconds);

/*
 * Write seconds since 1970 UTC as "2026-01-31T23:59:59Z"; what is before 1970
 * or after 9999 is written as the nearest of these.
 */
void timestamp_format(int64_t seconds, char text[TIMESTAMP_SIZE]);

#endif
