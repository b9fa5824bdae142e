/*
 * What a server answered, collected as it comes in.
 *
 * Part of aws-session-sts, runs as the user. The body is kept in wiped
 * memory, as it may hold a session. Nothing is interpreted here.
 */
#ifndef AWS_SESSION_RESPONSE_H
#define AWS_SESSION_RESPONSE_H

#include "secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESPONSE_BODY_MAX = 1024 * 1024, RESPONSE_HEADERS_MAX = 128 * 1024 };

/* All zero is none. */
struct response {
    long status; /* HTTP status, 0 if there was no answer */
    struct secret body;
    bool begun;         /* the headers came to their end */
    bool too_long;      /* one of the two limits was hit */
    size_t header_size; /* all headers so far */
    int64_t date;       /* the Date header, seconds since 1970; -1 if none */
    char request_id[128 + 1];
    char location[1024]; /* of a redirect, cut if longer */
};

/* Forget what came so far. */
void response_reset(struct response *response);

/*
 * Callbacks for libcurl (CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION) with
 * a struct response as their data. Anything but the number of bytes given
 * makes libcurl stop: a limit was hit, or there is no memory.
 */
size_t response_write(char *data, size_t size, size_t count, void *response);
size_t response_header(char *data, size_t size, size_t count, void *response);

/* Wipe and free. Takes an empty response. */
void response_free(struct response *response);

#endif
