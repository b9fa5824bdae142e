/*
 * Framed messages: see message.h. Part of libcommon, so read by the setuid
 * signer: nothing here trusts a length, an order or a peer.
 */
#include "message.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIELD_HEADER = 6, LENGTH_SIZE = 4 };

static void
put_be32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (24 - 8 * i));
}

static uint32_t
get_be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/* One field of a frame; value points into it. */
struct field_view {
    unsigned id;
    uint32_t length;
    const unsigned char *value;
};

/*
 * Read the field at *offset and step over it. Returns 1, 0 at the end of the
 * frame, -1 if the field does not fit into what is left.
 */
static int
next_field(const unsigned char *frame, size_t length, size_t *offset,
           struct field_view *view)
{
    size_t left = length - *offset;

    if (left == 0)
        return 0;
    if (left < FIELD_HEADER)
        return -1;
    view->id = (unsigned)frame[*offset] << 8 | frame[*offset + 1];
    view->length = get_be32(frame + *offset + 2);
    if (view->length > left - FIELD_HEADER)
        return -1;
    view->value = frame + *offset + FIELD_HEADER;
    *offset += FIELD_HEADER + view->length;
    return 1;
}

static void
put_field(struct message *message, enum message_field field, const void *bytes,
          size_t length)
{
    unsigned char header[FIELD_HEADER];
    struct secret *frame = &message->frame;

    if (frame->length == 0) /* an earlier error */
        return;
    if (length > MESSAGE_MAX || frame->length > MESSAGE_MAX)
        goto failed;
    header[0] = (unsigned char)((unsigned)field >> 8);
    header[1] = (unsigned char)field;
    put_be32(header + 2, (uint32_t)length);
    if (secret_append(frame, header, sizeof(header)) == 0 &&
        secret_append(frame, bytes, length) == 0)
        return;
failed:
    secret_clear(frame);
}

void
message_begin(struct message *message, enum message_type type)
{
    unsigned char header[MESSAGE_HEADER] = {
        0, 0, 0, 0, MESSAGE_VERSION, (unsigned char)type};

    secret_clear(&message->frame);
    if (secret_append(&message->frame, header, sizeof(header)) != 0)
        secret_clear(&message->frame);
}

void
message_put_text(struct message *message, enum message_field field,
                 const char *text)
{
    if (text != NULL)
        put_field(message, field, text, strlen(text));
}

void
message_put_bytes(struct message *message, enum message_field field,
                  const void *bytes, size_t length)
{
    put_field(message, field, bytes, length);
}

void
message_put_number(struct message *message, enum message_field field,
                   int64_t number)
{
    unsigned char bytes[8];

    put_be32(bytes, (uint32_t)((uint64_t)number >> 32));
    put_be32(bytes + 4, (uint32_t)(uint64_t)number);
    put_field(message, field, bytes, sizeof(bytes));
}

static int
check_field(unsigned type, const struct field_view *view, uint64_t *seen,
            struct report *report)
{
    const struct field_rule *rule = protocol_field(view->id);
    enum field_use use = protocol_use(type, view->id);

    if (rule == NULL || use == 0)
        return report_set(report, "message type %u: unknown field %u", type,
                          view->id);
    if (use != USE_REPEATED && (*seen & MESSAGE_BIT(view->id)) != 0)
        return report_set(report, "message type %u: field %u twice", type,
                          view->id);
    *seen |= MESSAGE_BIT(view->id);
    if (view->length > rule->max_length)
        return report_set(report, "message type %u: field %u too long", type,
                          view->id);
    if (rule->kind == KIND_NUMBER && view->length != 8)
        return report_set(report, "message type %u: field %u is no number",
                          type, view->id);
    if (rule->kind == KIND_TEXT && view->length > 0 &&
        memchr(view->value, '\0', view->length) != NULL)
        return report_set(report, "message type %u: NUL in field %u", type,
                          view->id);
    return 0;
}

int
message_check(const void *data, size_t length, uint64_t expected,
              struct report *report)
{
    const unsigned char *frame = data;
    size_t offset = MESSAGE_HEADER;
    struct field_view view;
    uint64_t seen = 0;
    unsigned type;
    int more;

    _Static_assert(FIELD_COUNT <= 64, "seen is a bit mask");
    if (length < MESSAGE_HEADER || length > MESSAGE_MAX + LENGTH_SIZE ||
        get_be32(frame) != length - LENGTH_SIZE)
        return report_set(report, "message of a wrong length");
    if (frame[4] != MESSAGE_VERSION)
        return report_set(report, "message version %u, expected %d", frame[4],
                          MESSAGE_VERSION);
    type = frame[5];
    if (type >= 64 || !protocol_has_type(type) ||
        (expected & MESSAGE_BIT(type)) == 0)
        return report_set(report, "message type %u is not expected here",
                          type);
    while ((more = next_field(frame, length, &offset, &view)) == 1)
        if (check_field(type, &view, &seen, report) != 0)
            return -1;
    if (more != 0)
        return report_set(report, "message type %u: trailing bytes", type);
    for (unsigned field = 1; field < FIELD_COUNT; field++)
        if (protocol_use(type, field) == USE_REQUIRED &&
            (seen & MESSAGE_BIT(field)) == 0)
            return report_set(report, "message type %u: field %u is missing",
                              type, field);
    return 0;
}

int
message_send(int fd, struct message *message, struct report *report)
{
    struct secret *frame = &message->frame;
    size_t sent = 0;

    if (frame->length == 0)
        return report_set(report, "message too long, or out of memory");
    put_be32((unsigned char *)frame->data,
             (uint32_t)(frame->length - LENGTH_SIZE));
    if (message_check(frame->data, frame->length, UINT64_MAX, report) != 0)
        return -1;
    while (sent < frame->length) {
        ssize_t n = send(fd, frame->data + sent, frame->length - sent,
                         MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return report_set(report, "sending a message: %s",
                              strerror(errno));
        sent += (size_t)n;
    }
    return 0;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Read length bytes to the end of the frame before deadline (in now_ms time,
 * -1 for none).
 */
static enum message_result
receive_bytes(int fd, struct secret *frame, size_t length, int64_t deadline,
              struct report *report)
{
    char chunk[512];
    enum message_result result = MESSAGE_OK;

    while (length > 0) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left = deadline < 0 ? -1 : deadline - now_ms();
        ssize_t n;

        if (deadline >= 0 && left <= 0)
            left = 0;
        n = poll(&wait, 1, (int)left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0) {
            report_set(report, "no answer in time");
            result = MESSAGE_TIMED_OUT;
            break;
        }
        n = read(fd, chunk, length < sizeof(chunk) ? length : sizeof(chunk));
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0) {
            report_set(report, "the other side closed the connection");
            result = frame->length == 0 ? MESSAGE_END : MESSAGE_INVALID;
            break;
        }
        if (secret_append(frame, chunk, (size_t)n) != 0) {
            report_set(report, "out of memory");
            result = MESSAGE_INVALID;
            break;
        }
        length -= (size_t)n;
    }
    explicit_bzero(chunk, sizeof(chunk));
    return result;
}

enum message_result
message_receive(int fd, struct message *message, uint64_t expected,
                int timeout_ms, struct report *report)
{
    struct secret *frame = &message->frame;
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    enum message_result result;
    uint32_t length;

    secret_clear(frame);
    result = receive_bytes(fd, frame, LENGTH_SIZE, deadline, report);
    if (result != MESSAGE_OK)
        goto done;
    length = get_be32((const unsigned char *)frame->data);
    result = MESSAGE_INVALID;
    if (length < MESSAGE_HEADER - LENGTH_SIZE || length > MESSAGE_MAX) {
        report_set(report, "message of a wrong length");
        goto done;
    }
    if (secret_reserve(frame, LENGTH_SIZE + length) != 0) {
        report_set(report, "out of memory");
        goto done;
    }
    result = receive_bytes(fd, frame, length, deadline, report);
    if (result == MESSAGE_OK &&
        message_check(frame->data, frame->length, expected, report) != 0)
        result = MESSAGE_INVALID;
done:
    if (result != MESSAGE_OK)
        secret_clear(frame);
    return result;
}

enum message_type
message_type(const struct message *message)
{
    return (enum message_type)(unsigned char)message->frame.data[5];
}

const void *
message_next(const struct message *message, enum message_field field,
             size_t *cursor, size_t *length)
{
    const unsigned char *frame = (const unsigned char *)message->frame.data;
    struct field_view view;

    if (message->frame.length < MESSAGE_HEADER)
        return NULL;
    if (*cursor == 0)
        *cursor = MESSAGE_HEADER;
    while (next_field(frame, message->frame.length, cursor, &view) == 1)
        if (view.id == (unsigned)field) {
            *length = view.length;
            return view.value;
        }
    return NULL;
}

const void *
message_bytes(const struct message *message, enum message_field field,
              size_t *length)
{
    size_t cursor = 0;

    return message_next(message, field, &cursor, length);
}

int
message_text(const struct message *message, enum message_field field,
             char *buffer, size_t size)
{
    size_t length;
    const void *value = message_bytes(message, field, &length);

    if (value == NULL)
        return -1;
    if (buffer != NULL) {
        if (length >= size)
            return -1;
        memcpy(buffer, value, length);
        buffer[length] = '\0';
    }
    return (int)length;
}

char *
message_text_copy(const struct message *message, enum message_field field)
{
    size_t length;
    const void *value = message_bytes(message, field, &length);

    return value == NULL ? NULL : strndup(value, length);
}

int64_t
message_number(const struct message *message, enum message_field field,
               int64_t fallback)
{
    size_t length;
    const unsigned char *value = message_bytes(message, field, &length);

    if (value == NULL)
        return fallback;
    return (int64_t)((uint64_t)get_be32(value) << 32 | get_be32(value + 4));
}

int
message_secret(const struct message *message, enum message_field field,
               struct secret *secret)
{
    size_t length;
    const void *value = message_bytes(message, field, &length);

    return value == NULL ? -1 : secret_set(secret, value, length);
}

void
message_free(struct message *message)
{
    secret_free(&message->frame);
}
