/*
 * AWS Signature Version 4, in the form of an Authorization header.
 *
 * Part of aws-session-sign; follows "Create a signed AWS API request" in the
 * IAM User Guide. A pure function of time, key and request.
 */
#ifndef AWS_SESSION_SIGV4_H
#define AWS_SESSION_SIGV4_H

#include "report.h"
#include "secret.h"

#include <stddef.h>
#include <time.h>

#define SIGV4_CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"

enum {
    SIGV4_SECRET_MAX = 256,
    SIGV4_DATE_SIZE = 17,
    SIGV4_HEX_SIZE = 65,
    SIGV4_HEADER_SIZE = 512
};

/* A POST without a query. Nothing is owned and nothing may be NULL. */
struct sigv4_request {
    const char *service;
    const char *region;
    const char *host; /* as the Host header has it */
    const char *path; /* begins with '/'; no "//", no dot segments */
    const struct secret *session_token; /* no NUL; empty: none */
    const struct secret *body;
    time_t time;
};

struct sigv4_signature {
    char amz_date[SIGV4_DATE_SIZE];        /* X-Amz-Date */
    char authorization[SIGV4_HEADER_SIZE]; /* Authorization */
};

/*
 * Make libcrypto usable without its configuration file, which the caller's
 * environment could name. Call once, before any other function here.
 * Returns 0, or -1 with the report filled.
 */
int sigv4_start(struct report *report);

/*
 * Sign with the headers content-type (SIGV4_CONTENT_TYPE), host, x-amz-date
 * and, with a session token, x-amz-security-token. Returns 0, or -1 with the
 * report filled (no memory, or libcrypto failed). A time before 1970 or after
 * 9999 is signed as the nearest of these: AWS will refuse it.
 */
int sigv4_sign(struct sigv4_signature *signature,
               const struct sigv4_request *request, const char *key_id,
               const struct secret *secret, struct report *report);

/*
 * The last steps alone: the signature, in hex, over a canonical request of
 * which the SHA-256 is given in hex. date is in the form of X-Amz-Date.
 * Returns 0, or -1 without memory or when libcrypto failed.
 */
int sigv4_sign_hash(char signature[SIGV4_HEX_SIZE], const char *date,
                    const char *region, const char *service,
                    const char *canonical_hash, const struct secret *secret);

#endif
