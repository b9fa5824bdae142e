/*
 * The network: one HTTP exchange after the other, by libcurl.
 *
 * Part of aws-session-sts, the only program with the network. Follows no
 * redirect and never sends a request twice; what an answer means is not
 * judged here.
 *
 * Early connections: name, TCP, proxy and TLS are done while the person
 * types the MFA code. libcurl (7.80 and later) calls CURLOPT_PREREQFUNCTION
 * when the connection is ready and nothing of the request is written; there
 * we wait for STS_SEND. With an older libcurl everything happens at STS_SEND.
 */
#ifndef AWS_SESSION_TRANSPORT_H
#define AWS_SESSION_TRANSPORT_H

#include "request.h"
#include "response.h"

struct transport;

/* How an exchange ended. */
enum transport_end {
    TRANSPORT_ANSWERED,      /* the response is whole */
    TRANSPORT_FAILED,        /* see struct facts */
    TRANSPORT_CALLER_GONE,   /* the socket to aws-session closed */
    TRANSPORT_CALLER_INVALID /* a message came that has no business there */
};

/*
 * What is known about an exchange besides the answer, for the sentence and for
 * --debug. No secret, but libcurl's words may hold the URL of a proxy: they
 * are printed only where that cannot be.
 */
struct facts {
    CURLcode code;
    bool sent;       /* a byte of the HTTP request may have left */
    bool late;       /* the limit from STS_SEND on was reached */
    double ready_at; /* a connection stood then (clock_ms), or 0 */
    int opened;      /* sockets opened, 0: the connection was there before */
    char text[CURL_ERROR_SIZE]; /* libcurl's words on an error */
    long os_errno;              /* of connect(2), 0 if unknown */
    long verify_result; /* X509_V_ERR_... of the server's certificate */
    long proxy_verify_result;
    long proxy_status; /* HTTP status of CONNECT, 0 if there was none */
    char timing[256];  /* for FIELD_TIMING, "" if nothing was to be sent */
};

/* Returns NULL if memory ran out or libcurl does not start. */
struct transport *transport_new(void);

/*
 * Do the exchange of a request that STS_OPEN began, receiving STS_SEND from
 * caller_fd meanwhile. Response and facts are filled anew. The request must
 * stay as it is until transport_release.
 */
enum transport_end transport_perform(struct transport *transport,
                                     struct request *request, int caller_fd,
                                     struct response *response,
                                     struct facts *facts);

/*
 * Let go of the request; connections stay open for later ones. Apart from
 * transport_perform, because it may wait for a name server: answer first.
 */
void transport_release(struct transport *transport);

/* Close all connections and free. Takes NULL. */
void transport_free(struct transport *transport);

#endif
