/*
 * aws-session-sts: sends signed requests to STS and IAM and reads the
 * answers. The only program of aws-session with the network.
 *
 * Runs as the user, started by aws-session with a fixed environment; file
 * descriptors 0 and 1 are one socket, over which the messages of protocol.h
 * go; it ends when that socket closes, and at once if that happens in the
 * middle of a call. Serves one call after the other:
 *
 *     STS_OPEN   the connection is made at once
 *     STS_SEND   the request goes out over it
 *     reply      STS_IDENTITY, STS_SESSION, STS_MFA_DEVICES or STS_ERROR
 *
 * When connecting fails before STS_SEND came, STS_ERROR is sent right away
 * and the call is over; an STS_SEND that was on its way meanwhile is thrown
 * away.
 *
 * Must never: see a secret access key but the one in an answer, touch the
 * keyring, print (a protocol is spoken here, not to a person), retry.
 */
#include "answer.h"
#include "failure.h"
#include "transport.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EXIT_OURS = 125 };

/* What to do after a call. */
enum next { NEXT_CALL, NEXT_END, NEXT_STOP_AT_ONCE, NEXT_FAIL };

/* Everything of one call. */
struct call {
    struct request request;
    struct response response;
    struct facts facts;
    struct answer answer;
    struct failure failure;
};

/* Build the error reply over whatever result there is. */
static void
put_error(struct message *reply, const struct call *call)
{
    message_begin(reply, MESSAGE_STS_ERROR);
    message_put_number(reply, FIELD_ERROR, call->failure.error);
    message_put_text(reply, FIELD_TEXT, call->failure.report.text);
    message_put_number(reply, FIELD_SENT, call->facts.sent);
    message_put_number(reply, FIELD_HTTP_STATUS,
                       call->facts.sent ? call->response.status : 0);
    if (call->answer.code[0] != '\0')
        message_put_text(reply, FIELD_AWS_CODE, call->answer.code);
    if (call->answer.text[0] != '\0')
        message_put_text(reply, FIELD_AWS_MESSAGE, call->answer.text);
}

/* Send the reply: the answer's result if there is no failure. */
static enum next
reply(struct call *call, bool failed)
{
    struct message *message = &call->answer.result;
    const char *request_id = call->response.request_id;
    struct report report;

    if (failed)
        put_error(message, call);
    if (request_id[0] == '\0')
        request_id = call->answer.request_id;
    if (request_id[0] != '\0')
        message_put_text(message, FIELD_REQUEST_ID, request_id);
    if (call->response.date >= 0)
        message_put_number(message, FIELD_SERVER_DATE, call->response.date);
    if (call->facts.timing[0] != '\0')
        message_put_text(message, FIELD_TIMING, call->facts.timing);
    return message_send(STDOUT_FILENO, message, &report) == 0 ? NEXT_CALL
                                                              : NEXT_END;
}

/* Do the exchange and reply. */
static enum next
exchange(struct call *call, struct transport *transport)
{
    struct response *response = &call->response;
    struct report problem;
    enum answer_kind kind;

    switch (transport_perform(transport, &call->request, STDIN_FILENO,
                              response, &call->facts)) {
    case TRANSPORT_CALLER_GONE:
        return NEXT_STOP_AT_ONCE;
    case TRANSPORT_CALLER_INVALID:
        return NEXT_FAIL;
    case TRANSPORT_FAILED:
        failure_of_transport(&call->failure, &call->request, response,
                             &call->facts);
        return reply(call, true);
    case TRANSPORT_ANSWERED:
        break;
    }
    kind = answer_parse(&call->answer, call->request.operation,
                        response->body.data, response->body.length, &problem);
    return reply(call,
                 failure_of_answer(&call->failure, &call->request, response,
                                   kind, &call->answer, &problem) != 0);
}

/*
 * Serve one call. *crossed says that STS_SEND of the call before may still
 * come.
 */
static enum next
serve(struct transport *transport, bool *crossed)
{
    struct call call = {0};
    struct message open = {0};
    enum next next = NEXT_CALL;
    uint64_t expected = MESSAGE_BIT(MESSAGE_STS_OPEN);

    if (*crossed)
        expected |= MESSAGE_BIT(MESSAGE_STS_SEND);
    switch (message_receive(STDIN_FILENO, &open, expected, -1,
                            &call.failure.report)) {
    case MESSAGE_OK:
        break;
    case MESSAGE_END:
        next = NEXT_END;
        goto done;
    default:
        next = NEXT_FAIL;
        goto done;
    }
    *crossed = false;
    if (message_type(&open) == MESSAGE_STS_SEND)
        goto done;
    call.response.date = -1;
    if (request_open(&call.request, &open, &call.failure.report) == 0) {
        next = exchange(&call, transport);
    } else {
        call.failure.error = STS_ERROR_LOCAL;
        next = reply(&call, true);
    }
    *crossed = !call.request.complete;
    if (next != NEXT_STOP_AT_ONCE)
        transport_release(transport);
done:
    message_free(&open);
    request_free(&call.request);
    response_free(&call.response);
    answer_free(&call.answer);
    return next;
}

int
main(void)
{
    struct transport *transport;
    bool crossed = false;
    enum next next;

    if (isatty(STDIN_FILENO)) {
        fputs("aws-session-sts: aws-session starts this by itself, there is "
              "nothing to do here by hand\n",
              stderr);
        return EXIT_OURS;
    }
    prctl(PR_SET_DUMPABLE, 0); /* no core file with a session in it */
    signal(SIGPIPE, SIG_IGN);
    transport = transport_new();
    if (transport == NULL)
        return EXIT_OURS;
    do
        next = serve(transport, &crossed);
    while (next == NEXT_CALL);
    if (next == NEXT_STOP_AT_ONCE) /* libcurl might wait for a name server */
        _exit(EXIT_SUCCESS);
    transport_free(transport);
    return next == NEXT_END ? EXIT_SUCCESS : EXIT_OURS;
}
