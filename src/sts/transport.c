/*
 * The network: see transport.h. Part of aws-session-sts.
 */
#include "transport.h"

#include "memory.h"
#include "options.h"
#include "sockets.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Why we stopped libcurl ourselves. */
enum stop {
    STOP_NONE,
    STOP_CALLER_GONE,
    STOP_CALLER_INVALID,
    STOP_STALE,    /* the server closed the connection before STS_SEND */
    STOP_UNFIT,    /* the connection must not carry this request */
    STOP_DEADLINE, /* the limit from STS_SEND on was reached */
    STOP_REPLAY    /* the request would have left a second time */
};

struct transport {
    CURL *easy;
    CURLM *multi;
    bool running; /* easy is in multi */
    struct sockets sockets;

    /* Of the exchange, or of the attempt, that is under way: */
    struct request *request;
    int caller_fd;
    enum stop stop;
    size_t body_length; /* that libcurl was told */
    bool handed_out;    /* libcurl may read the request */
    bool stale;         /* an early connection was dropped */
    bool thorough;      /* trust is looked up the slow way */
    double ready_at;    /* in clock_ms, 0 before */
};

struct transport *
transport_new(void)
{
    struct transport *transport = calloc(1, sizeof(*transport));

    if (transport == NULL ||
        curl_global_init_mem(CURL_GLOBAL_SSL, malloc, memory_free,
                             memory_realloc, strdup, calloc) != CURLE_OK)
        goto failed;
    transport->easy = curl_easy_init();
    transport->multi = curl_multi_init();
    if (transport->easy == NULL || transport->multi == NULL)
        goto failed;
    /* STS, IAM, and one that is being replaced. */
    curl_multi_setopt(transport->multi, CURLMOPT_MAXCONNECTS, 3L);
    return transport;
failed:
    transport_free(transport);
    return NULL;
}

/* There is something to read from the caller. Returns whether to go on. */
static bool
hear_caller(struct transport *transport)
{
    switch (request_receive(transport->request, transport->caller_fd)) {
    case MESSAGE_OK:
        return true;
    case MESSAGE_END:
        transport->stop = STOP_CALLER_GONE;
        return false;
    default:
        transport->stop = STOP_CALLER_INVALID;
        return false;
    }
}

#if OPTIONS_HAVE_PREREQ
/*
 * The connection stands: wait for STS_SEND, as long as the server keeps it.
 * Returns whether to go on.
 */
static bool
wait_for_send(struct transport *transport, int server_fd)
{
    struct pollfd fds[] = {
        {.fd = transport->caller_fd, .events = POLLIN},
        {.fd = server_fd, .events = POLLRDHUP},
    };

    while (!transport->request->complete) {
        if (poll(fds, 2, -1) < 0)
            continue; /* a signal */
        if (fds[0].revents != 0 && !hear_caller(transport))
            return false;
        if (fds[1].revents != 0)
            break;
    }
    if (poll(&fds[1], 1, 0) > 0 && fds[1].revents != 0) {
        transport->stop = STOP_STALE;
        return false;
    }
    return true;
}

/*
 * CURLOPT_PREREQFUNCTION: the connection is ready, the request is not yet
 * written. Waits for STS_SEND and lets libcurl go on with what it brought.
 *
 * That the request may still change here: libcurl copies neither the list
 * of headers (CURLOPT_HTTPHEADER) nor the body (CURLOPT_POSTFIELDS); it
 * reads both in Curl_http, the protocol's "do" action, which comes after
 * this callback (multi.c, state MSTATE_DO, 7.80 to 8.19). Only the length of
 * the body is taken before, in Curl_pretransfer, so that one must be right.
 * No time limit of libcurl runs: the one for connecting ends before this
 * state and we set no other. tests/test_sender.py checks all of it.
 *
 * libcurl sends a request again by itself when a reused connection turns out
 * to be dead. It comes by here again first, and then it is stopped.
 */
static int
connection_ready(void *context, char *server_ip, char *local_ip,
                 int server_port, int local_port)
{
    struct transport *transport = context;
    struct request *request = transport->request;

    (void)server_ip;
    (void)local_ip;
    (void)server_port;
    if (transport->handed_out) {
        transport->stop = STOP_REPLAY;
        return CURL_PREREQFUNC_ABORT;
    }
    transport->ready_at = clock_ms();
    if (!wait_for_send(transport,
                       sockets_find(&transport->sockets, local_port)))
        return CURL_PREREQFUNC_ABORT;
    if (request->body.length != transport->body_length ||
        (request->coded && transport->sockets.opened == 0)) {
        transport->stop = STOP_UNFIT;
        return CURL_PREREQFUNC_ABORT;
    }
    transport->handed_out = true;
    return CURL_PREREQFUNC_OK;
}
#endif

/* Set up an attempt. Returns a code of libcurl. */
static CURLcode
begin_attempt(struct transport *transport, struct response *response,
              struct facts *facts)
{
    struct request *request = transport->request;
    CURLcode code;

    transport_release(transport);
    transport->stop = STOP_NONE;
    transport->ready_at = 0;
    transport->sockets.opened = 0;
    transport->body_length = request->complete ? request->body.length
                                               : request->announced;
    response_reset(response);
    code = options_set(transport->easy, request, transport->body_length,
                       transport->thorough, &transport->sockets, response,
                       facts->text);
#if OPTIONS_HAVE_PREREQ
    if (code == CURLE_OK)
        code = curl_easy_setopt(transport->easy, CURLOPT_PREREQFUNCTION,
                                connection_ready);
    if (code == CURLE_OK)
        code = curl_easy_setopt(transport->easy, CURLOPT_PREREQDATA,
                                transport);
    /* What works once never goes over a used connection; and where the server
     * closed one that waited, it may have closed the others too. */
    if (code == CURLE_OK &&
        (request->coded || transport->stale ||
         request->operation == OPERATION_GET_SESSION_TOKEN ||
         request->operation == OPERATION_CREATE_ACCESS_KEY))
#else
    /* Nothing would stop libcurl from sending again over a fresh one. */
    transport->handed_out = true;
    if (code == CURLE_OK)
#endif
        code = curl_easy_setopt(transport->easy, CURLOPT_FRESH_CONNECT, 1L);
    return code;
}

/* Wait for the network or the caller, and for no more than the time left.
 * Returns whether to go on. */
static bool
wait_for_event(struct transport *transport)
{
    struct request *request = transport->request;
    struct curl_waitfd caller = {.fd = transport->caller_fd,
                                 .events = CURL_WAIT_POLLIN};
    double left = 1000;

    if (request->complete) {
        left = request->completed_at + (double)request->request_timeout -
               clock_ms();
        if (left <= 0) {
            transport->stop = STOP_DEADLINE;
            return false;
        }
    }
    if (curl_multi_wait(transport->multi, &caller, 1,
                        left < 1000 ? (int)left + 1 : 1000, NULL) != CURLM_OK)
        return false;
    return caller.revents == 0 || hear_caller(transport);
}

/* Run an attempt to its end. Returns a code of libcurl; see also stop. */
static CURLcode
run_attempt(struct transport *transport)
{
    CURLMsg *message;
    int running = 1;
    int left;

    if (curl_multi_add_handle(transport->multi, transport->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    transport->running = true;
    for (;;) {
        if (curl_multi_perform(transport->multi, &running) != CURLM_OK)
            return CURLE_OUT_OF_MEMORY;
        if (running == 0)
            break;
        if (!wait_for_event(transport))
            return CURLE_ABORTED_BY_CALLBACK;
    }
    message = curl_multi_info_read(transport->multi, &left);
    return message != NULL ? message->data.result : CURLE_OUT_OF_MEMORY;
}

/*
 * Attempt it over an early or reused connection; if that was no good before
 * anything was sent, over a new one, once.
 */
static CURLcode
attempt(struct transport *transport, struct response *response,
        struct facts *facts)
{
    const struct request *request = transport->request;
    CURLcode code;

    for (;;) {
        while (!request->complete &&
               (!OPTIONS_HAVE_PREREQ || transport->stale))
            if (!hear_caller(transport))
                return CURLE_ABORTED_BY_CALLBACK;
        code = begin_attempt(transport, response, facts);
        if (code == CURLE_OK)
            code = run_attempt(transport);
        if (code == CURLE_PEER_FAILED_VERIFICATION && !transport->thorough &&
            request->ca_bundle == NULL) {
            transport->thorough = true; /* see options.h */
            continue;
        }
        if (transport->stop != STOP_STALE && transport->stop != STOP_UNFIT)
            return code;
        if (transport->stop == STOP_STALE && transport->stale)
            return CURLE_GOT_NOTHING;
        transport->stale = true;
    }
}

/* A time that libcurl measured, in milliseconds. */
static double
ms_of(CURL *easy, CURLINFO info)
{
    curl_off_t microseconds = 0;

    curl_easy_getinfo(easy, info, &microseconds);
    return (double)microseconds / 1e3;
}

/* "dns 0.1 tcp 0.2 tls 3.1 wait 5000.0 send-to-answer 1.9 ms; ...". */
static void
write_timing(struct facts *facts, CURL *easy, const struct request *request)
{
    double dns = ms_of(easy, CURLINFO_NAMELOOKUP_TIME_T);
    double tcp = ms_of(easy, CURLINFO_CONNECT_TIME_T);
    double tls = ms_of(easy, CURLINFO_APPCONNECT_TIME_T);
    double wait = request->completed_at - facts->ready_at;
    bool early = facts->ready_at > 0 && wait > 0;

    snprintf(facts->timing, sizeof(facts->timing),
             "dns %.1f tcp %.1f tls %.1f wait %.1f send-to-answer %.1f ms; "
             "connection %s",
             dns, tcp > dns ? tcp - dns : 0, tls > tcp ? tls - tcp : 0,
             early ? wait : 0, clock_ms() - request->completed_at,
             facts->opened == 0 ? "reused"
             : early            ? "early"
                                : "new");
}

static void
collect_facts(struct transport *transport, struct response *response,
              struct facts *facts)
{
    CURL *easy = transport->easy;

    facts->sent = transport->handed_out;
    facts->late = transport->stop == STOP_DEADLINE;
    facts->ready_at = transport->ready_at;
    facts->opened = transport->sockets.opened;
    if (!OPTIONS_HAVE_PREREQ)
        facts->sent = ms_of(easy, CURLINFO_PRETRANSFER_TIME_T) > 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &facts->os_errno);
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &facts->verify_result);
    curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT,
                      &facts->proxy_verify_result);
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &facts->proxy_status);
    if (transport->request->complete)
        write_timing(facts, easy, transport->request);
}

enum transport_end
transport_perform(struct transport *transport, struct request *request,
                  int caller_fd, struct response *response,
                  struct facts *facts)
{
    *facts = (struct facts){0};
    transport->request = request;
    transport->caller_fd = caller_fd;
    transport->handed_out = false;
    transport->stale = false;
    facts->code = attempt(transport, response, facts);
    if (facts->code == CURLE_OK && !response->begun)
        facts->code = CURLE_PARTIAL_FILE; /* libcurl takes half a header */
    if (transport->stop == STOP_CALLER_GONE)
        return TRANSPORT_CALLER_GONE;
    if (transport->stop == STOP_CALLER_INVALID)
        return TRANSPORT_CALLER_INVALID;
    collect_facts(transport, response, facts);
    return facts->code == CURLE_OK ? TRANSPORT_ANSWERED : TRANSPORT_FAILED;
}

void
transport_release(struct transport *transport)
{
    if (transport->running)
        curl_multi_remove_handle(transport->multi, transport->easy);
    transport->running = false;
    /* Forgets the options, so that no pointer to the request is left. */
    curl_easy_reset(transport->easy);
}

void
transport_free(struct transport *transport)
{
    if (transport == NULL)
        return;
    if (transport->easy != NULL)
        transport_release(transport);
    curl_easy_cleanup(transport->easy);
    if (transport->multi != NULL)
        curl_multi_cleanup(transport->multi);
    curl_global_cleanup();
    free(transport);
}
