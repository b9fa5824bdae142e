/*
 * One HTTP request: see request.h. Part of aws-session-sts.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

/* AWS's own limit on the body of a query request is far above the schema's. */
enum { BODY_MAX = 131072, TIMEOUT_MAX = 3600 * 1000 };

double
clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Whether a text may stand in a header or a URL. */
static bool
is_printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7F)
            return false;
    }
    return true;
}

/*
 * Add "name: value" to the end of the list. The text goes into memory, which
 * must not move any more: room for it was reserved.
 */
static void
add_header(struct request *request, struct secret *memory, const char *name,
           const char *value, size_t length)
{
    struct curl_slist *node = &request->headers[request->header_count];

    node->data = memory->data + memory->length;
    secret_append_string(memory, name);
    secret_append(memory, value, length);
    secret_append(memory, "", 1);
    if (request->header_count++ > 0)
        node[-1].next = node;
}

/*
 * "Accept:" and "Expect:" with nothing behind them make libcurl leave these
 * headers out.
 */
static int
add_fixed_headers(struct request *request, const struct message *open)
{
    size_t length = 0;
    const char *host = message_bytes(open, FIELD_HOST, &length);
    const char *type = "application/x-www-form-urlencoded; charset=utf-8";

    if (!is_printable(host, length) ||
        secret_reserve(&request->fixed_text, 256 + length) != 0)
        return -1;
    add_header(request, &request->fixed_text, "Host: ", host, length);
    add_header(request, &request->fixed_text, "Content-Type: ", type,
               strlen(type));
    add_header(request, &request->fixed_text, "Accept:", "", 0);
    add_header(request, &request->fixed_text, "Expect:", "", 0);
    return 0;
}

/* The value of an optional text, "" if it is absent. NULL: no memory. */
static char *
copy_or_empty(const struct message *message, enum message_field field)
{
    size_t length;

    if (message_bytes(message, field, &length) == NULL)
        return strdup("");
    return message_text_copy(message, field);
}

static int
copy_texts(struct request *request, const struct message *open)
{
    char *origin = message_text_copy(open, FIELD_ORIGIN);
    char *path = message_text_copy(open, FIELD_PATH);
    const char *authority = origin != NULL ? strstr(origin, "://") : NULL;
    size_t length;
    int result = -1;

    request->proxy = copy_or_empty(open, FIELD_PROXY);
    request->no_proxy = copy_or_empty(open, FIELD_NO_PROXY);
    if (message_bytes(open, FIELD_CA_BUNDLE, &length) != NULL &&
        (request->ca_bundle = message_text_copy(open, FIELD_CA_BUNDLE)) ==
            NULL)
        goto done;
    if (authority == NULL || path == NULL || request->proxy == NULL ||
        request->no_proxy == NULL)
        goto done;
    request->authority = strdup(authority + 3);
    request->url = malloc(strlen(origin) + strlen(path) + 1);
    if (request->authority == NULL || request->url == NULL)
        goto done;
    strcpy(request->url, origin);
    strcat(request->url, path);
    if (is_printable(request->url, strlen(request->url)))
        result = 0;
done:
    free(origin);
    free(path);
    return result;
}

static int64_t
timeout_of(const struct message *open, enum message_field field)
{
    int64_t timeout = message_number(open, field, 0);

    if (timeout < 1)
        return 1;
    return timeout < TIMEOUT_MAX ? timeout : TIMEOUT_MAX;
}

int
request_open(struct request *request, const struct message *open,
             struct report *report)
{
    int64_t announced = message_number(open, FIELD_CONTENT_LENGTH, 0);
    int64_t operation = message_number(open, FIELD_OPERATION, 0);

    if (announced < 1 || announced > BODY_MAX ||
        operation < OPERATION_GET_CALLER_IDENTITY ||
        operation > OPERATION_DELETE_MFA_DEVICE)
        return report_set(report, "internal error: no such request to STS");
    request->operation = (enum operation)operation;
    request->announced = (size_t)announced;
    request->connect_timeout = timeout_of(open, FIELD_CONNECT_TIMEOUT);
    request->request_timeout = timeout_of(open, FIELD_REQUEST_TIMEOUT);
    if (copy_texts(request, open) != 0 ||
        add_fixed_headers(request, open) != 0 ||
        secret_reserve(&request->body, request->announced) != 0)
        return report_set(report, "internal error: the address of STS is "
                                  "malformed, or memory ran out");
    return 0;
}

/* Whether a form-encoded body has a parameter of that name. */
static bool
has_parameter(const struct secret *body, const char *name)
{
    size_t length = strlen(name);
    const char *at = body->data;

    while ((at = memmem(at, body->length - (size_t)(at - body->data), name,
                        length)) != NULL) {
        if ((at == body->data || at[-1] == '&') && at[length] == '=')
            return true;
        at += length;
    }
    return false;
}

/* Take over what STS_SEND brought. */
static int
complete(struct request *request, const struct message *send)
{
    static const struct {
        const char *name;
        enum message_field field;
    } late[] = {
        {"X-Amz-Date: ", FIELD_AMZ_DATE},
        {"X-Amz-Security-Token: ", FIELD_SESSION_TOKEN},
        {"Authorization: ", FIELD_AUTHORIZATION},
    };
    enum { LATE = sizeof(late) / sizeof(late[0]) };

    if (message_secret(send, FIELD_BODY, &request->body) != 0 ||
        secret_reserve(&request->late_text, send->frame.length + 256) != 0)
        return -1;
    for (int i = 0; i < LATE; i++) {
        size_t length;
        const char *value = message_bytes(send, late[i].field, &length);

        if (value == NULL)
            continue;
        if (!is_printable(value, length) || memchr(value, '\0', length))
            return -1;
        add_header(request, &request->late_text, late[i].name, value, length);
    }
    request->coded = has_parameter(&request->body, "TokenCode");
    request->complete = true;
    request->completed_at = clock_ms();
    return 0;
}

enum message_result
request_receive(struct request *request, int fd)
{
    struct message send = {0};
    struct report report;
    enum message_result result;
    uint64_t expected = request->complete ? 0 : MESSAGE_BIT(MESSAGE_STS_SEND);

    result = message_receive(fd, &send, expected, -1, &report);
    if (result == MESSAGE_OK && complete(request, &send) != 0)
        result = MESSAGE_INVALID;
    message_free(&send);
    return result;
}

void
request_free(struct request *request)
{
    free(request->url);
    free(request->authority);
    free(request->ca_bundle);
    if (request->proxy != NULL) /* may hold a password */
        explicit_bzero(request->proxy, strlen(request->proxy));
    free(request->proxy);
    free(request->no_proxy);
    secret_free(&request->body);
    secret_free(&request->fixed_text);
    secret_free(&request->late_text);
    *request = (struct request){0};
}
