/*
 * Points in time as AWS writes them in XML.
 *
 * Part of aws-session-sts. No locale, no time zone, no libc calendar.
 */
#ifndef AWS_SESSION_TIMESTAMP_H
#define AWS_SESSION_TIMESTAMP_H

#include <stdint.h>

/*
 * Read "2026-11-23T07:50:21Z", with or without a fraction of a second, which
 * is dropped (ISO 8601 and RFC 3339, UTC only). Nothing may stand before or
 * behind it. Returns 0 and the seconds since 1970, or -1.
 */
int timestamp_parse(const char *text, int64_t *seconds);

#endif
