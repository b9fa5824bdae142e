/*
 * One HTTP request: begun by STS_OPEN, completed by STS_SEND.
 *
 * Part of aws-session-sts, runs as the user. What STS_SEND brings (a session
 * token, an MFA code in the body) lives in wiped memory only: libcurl is
 * given pointers into it. Never holds a secret access key.
 */
#ifndef AWS_SESSION_REQUEST_H
#define AWS_SESSION_REQUEST_H

#include "message.h"

#include <curl/curl.h>

enum { REQUEST_HEADERS = 10 };

/* All zero is none. Strings are owned by the request. */
struct request {
    enum operation operation;
    char *url;               /* origin and path */
    char *authority;         /* host[:port] of the origin, for sentences */
    char *ca_bundle;         /* NULL: the system's */
    char *proxy;             /* never NULL: "" is none */
    char *no_proxy;          /* never NULL */
    int64_t connect_timeout; /* milliseconds */
    int64_t request_timeout; /* milliseconds, from STS_SEND on */
    size_t announced;        /* length of the body, as STS_OPEN has it */

    /* From STS_SEND: */
    bool complete;
    bool coded;          /* the body holds an MFA code */
    double completed_at; /* in clock_ms */
    struct secret body; /* does not move while it is of the announced length */

    /*
     * The list of headers. libcurl gets it by its first node and before the
     * request is complete; completing it links further nodes behind. Every
     * text is inside one of the two secrets, nothing is allocated by node.
     */
    struct curl_slist headers[REQUEST_HEADERS];
    int header_count;
    struct secret fixed_text;
    struct secret late_text;
};

/* Milliseconds of a monotonic clock. */
double clock_ms(void);

/*
 * Begin a request from a checked STS_OPEN. Returns 0, or -1 with the report
 * filled; request_free is due in either case.
 */
int request_open(struct request *request, const struct message *open,
                 struct report *report);

/*
 * Receive STS_SEND from fd, waiting for it, and complete the request. When it
 * is complete already, nothing but the end is expected. MESSAGE_INVALID also
 * means values that no header can carry, or no memory: the caller of this
 * process does not keep to the protocol, or there is no going on.
 */
enum message_result request_receive(struct request *request, int fd);

/* Wipe and free. Takes an empty request. */
void request_free(struct request *request);

#endif
