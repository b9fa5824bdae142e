/*
 * The URL of a custom endpoint, taken apart.
 *
 * Part of aws-session, runs as the user.
 */
#ifndef AWS_SESSION_ENDPOINT_URL_H
#define AWS_SESSION_ENDPOINT_URL_H

#include "report.h"

#include <stdbool.h>

/* Strings are owned by whoever parsed; all NULL is none. */
struct endpoint_url {
    char *origin; /* scheme://host[:port], lower case */
    char *host;   /* host[:port], lower case, without a default port */
    char *path;   /* begins with '/' */
};

/*
 * Take a URL apart. It must be http or https with a host name or an IP
 * address (IPv6 in brackets); no user, query or fragment; a path of
 * unreserved characters only, so that what is signed is what is sent; plain
 * http only to 127.0.0.0/8, ::1 and localhost. where says in reports where
 * the URL stands. Returns 0, or -1 with the report filled.
 */
int endpoint_url_parse(struct endpoint_url *url, const char *text,
                       const char *where, struct report *report);

#endif
