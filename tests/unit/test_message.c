/*
 * Framed messages and their schema (src/common/message.c, protocol.c): what
 * is well formed comes through, and nothing else does.
 */
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANY = 1000 };

/* A frame written by hand, so that it can be wrong. */
struct frame {
    unsigned char bytes[2 * MESSAGE_MAX];
    size_t length;
};

static struct frame frame; /* too large for a stack */

static void
put_be(uint64_t value, int bytes)
{
    while (bytes-- > 0)
        frame.bytes[frame.length++] = (unsigned char)(value >> (8 * bytes));
}

static void
end_frame(void)
{
    for (int i = 0; i < 4; i++)
        frame.bytes[i] = (unsigned char)((frame.length - 4) >> (24 - 8 * i));
}

static void
begin_frame(unsigned type)
{
    frame.length = 0;
    put_be(0, 4);
    put_be(MESSAGE_VERSION, 1);
    put_be(type, 1);
}

static void
add_field(unsigned id, const void *value, size_t length)
{
    put_be(id, 2);
    put_be(length, 4);
    if (length > 0)
        memcpy(frame.bytes + frame.length, value, length);
    frame.length += length;
}

/* A field of a right length, filled with 'x'. */
static void
add_valid(unsigned id, size_t length)
{
    const struct field_rule *rule = protocol_field(id);

    put_be(id, 2);
    length = rule->kind == KIND_NUMBER ? 8 : length;
    put_be(length, 4);
    memset(frame.bytes + frame.length, 'x', length);
    frame.length += length;
}

/* A whole frame of a type, with each field that the type takes. */
static void
full_frame(unsigned type, size_t length)
{
    begin_frame(type);
    for (unsigned id = 1; id < FIELD_COUNT; id++)
        if (protocol_use(type, id) != 0)
            add_valid(id, length);
    end_frame();
}

/* The smallest frame: GetCallerIdentity's required fields. */
static void
small_frame(void)
{
    begin_frame(MESSAGE_SIGN_REQUEST);
    add_field(FIELD_OPERATION, "\0\0\0\0\0\0\0\1", 8);
    add_field(FIELD_HOST, "h", 1);
    add_field(FIELD_PATH, "/", 1);
    add_field(FIELD_REGION, "r", 1);
    end_frame();
}

/* Check the frame in memory of its exact size, for sanitizers. */
static int
check(uint64_t expected)
{
    unsigned char *copy = malloc(frame.length > 0 ? frame.length : 1);
    struct report report = {""};
    int result;

    assert_non_null(copy);
    if (frame.length > 0)
        memcpy(copy, frame.bytes, frame.length);
    result = message_check(copy, frame.length, expected, &report);
    assert_true(result == 0 || report.text[0] != '\0');
    free(copy);
    return result;
}

static void
reject(void)
{
    assert_int_equal(check(UINT64_MAX), -1);
}

static void
pass(void)
{
    assert_int_equal(check(UINT64_MAX), 0);
}

static void
schema_is_consistent(void **state)
{
    unsigned types = 0;

    (void)state;
    for (unsigned id = 1; id < FIELD_COUNT; id++) {
        const struct field_rule *rule = protocol_field(id);
        unsigned uses = 0;

        assert_in_range(rule->kind, KIND_TEXT, KIND_NUMBER);
        assert_in_range(rule->max_length, 1, MESSAGE_MAX);
        for (unsigned type = 0; type < 256; type++)
            uses += protocol_use(type, id) != 0;
        assert_true(uses > 0); /* no field without a message */
    }
    assert_null(protocol_field(0));
    assert_null(protocol_field(FIELD_COUNT));
    assert_null(protocol_field(UINT32_MAX));
    for (unsigned type = 0; type < 256; type++) {
        types += protocol_has_type(type);
        assert_true(protocol_has_type(type) || protocol_use(type, 1) == 0);
    }
    assert_int_equal(types, MESSAGE_SESSION_FAILED);
    assert_false(protocol_has_type(UINT32_MAX));
}

static void
every_type_is_accepted(void **state)
{
    (void)state;
    for (unsigned type = 1; type <= MESSAGE_SESSION_FAILED; type++) {
        full_frame(type, 1);
        pass();
        assert_int_equal(check(MESSAGE_BIT(type)), 0);
        assert_int_equal(check(~MESSAGE_BIT(type)), -1); /* not expected */
        full_frame(type, 0); /* empty texts are texts */
        pass();
    }
}

static void
truncation_is_refused_at_every_length(void **state)
{
    (void)state;
    full_frame(MESSAGE_SIGN_REQUEST, 3);
    while (frame.length > 0) {
        frame.length--;
        reject(); /* a length that lies */
    }
    /* A length that is right: whole fields may be left over. */
    small_frame();
    while (frame.length > MESSAGE_HEADER) {
        frame.length--;
        end_frame();
        reject();
    }
}

static void
other_versions_are_refused(void **state)
{
    (void)state;
    for (unsigned version = 0; version < 256; version++) {
        small_frame();
        frame.bytes[4] = (unsigned char)version;
        assert_int_equal(check(UINT64_MAX),
                         version == MESSAGE_VERSION ? 0 : -1);
    }
    /* Shifted by a byte: the version stands where the type should. */
    small_frame();
    memmove(frame.bytes + 5, frame.bytes + 4, frame.length - 4);
    frame.length++;
    end_frame();
    reject();
}

static void
unknown_types_are_refused(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        if (type == MESSAGE_SIGN_REQUEST || type == MESSAGE_SIGN_DESCRIBE)
            continue;
        small_frame();
        frame.bytes[5] = (unsigned char)type;
        reject();
    }
}

static void
foreign_fields_are_refused(void **state)
{
    static const unsigned unknown[] = {
        0, FIELD_COUNT, FIELD_COUNT + 1, 255, 256, 0x0101, 65535};

    (void)state;
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        small_frame();
        add_field(unknown[i], "x", 1);
        end_frame();
        reject();
    }
    for (unsigned type = 1; type <= MESSAGE_SESSION_FAILED; type++)
        for (unsigned id = 1; id < FIELD_COUNT; id++) {
            if (protocol_use(type, id) != 0)
                continue;
            full_frame(type, 1);
            add_valid(id, 1);
            end_frame();
            reject();
        }
}

static void
a_field_twice_is_refused(void **state)
{
    (void)state;
    for (unsigned type = 1; type <= MESSAGE_SESSION_FAILED; type++)
        for (unsigned id = 1; id < FIELD_COUNT; id++) {
            if (protocol_use(type, id) == 0)
                continue;
            full_frame(type, 1);
            add_valid(id, 1);
            end_frame();
            assert_int_equal(check(UINT64_MAX),
                             protocol_use(type, id) == USE_REPEATED ? 0 : -1);
        }
}

static void
missing_fields_are_refused(void **state)
{
    (void)state;
    for (unsigned type = 1; type <= MESSAGE_SESSION_FAILED; type++)
        for (unsigned left_out = 1; left_out < FIELD_COUNT; left_out++) {
            if (protocol_use(type, left_out) == 0)
                continue;
            begin_frame(type);
            for (unsigned id = 1; id < FIELD_COUNT; id++)
                if (id != left_out && protocol_use(type, id) != 0)
                    add_valid(id, 1);
            end_frame();
            assert_int_equal(check(UINT64_MAX),
                             protocol_use(type, left_out) == USE_REQUIRED ? -1
                                                                          : 0);
        }
}

/* A type that takes the field, with the field in a given length. */
static void
frame_with(unsigned id, size_t length)
{
    unsigned type = 1;

    while (protocol_use(type, id) == 0)
        type++;
    begin_frame(type);
    for (unsigned other = 1; other < FIELD_COUNT; other++)
        if (other != id && protocol_use(type, other) == USE_REQUIRED)
            add_valid(other, 1);
    put_be(id, 2);
    put_be(length, 4);
    memset(frame.bytes + frame.length, 'x', length);
    frame.length += length;
    end_frame();
}

static void
lengths_are_bounded(void **state)
{
    (void)state;
    for (unsigned id = 1; id < FIELD_COUNT; id++) {
        const struct field_rule *rule = protocol_field(id);

        frame_with(id, rule->max_length);
        pass();
        frame_with(id, rule->max_length + 1);
        reject();
        if (rule->kind != KIND_NUMBER)
            continue;
        for (size_t length = 0; length < 8; length++) {
            frame_with(id, length);
            reject();
        }
    }
}

static void
a_nul_in_a_text_is_refused(void **state)
{
    (void)state;
    for (unsigned id = 1; id < FIELD_COUNT; id++) {
        frame_with(id, protocol_field(id)->kind == KIND_NUMBER ? 8 : 3);
        frame.bytes[frame.length - 1] = '\0';
        assert_int_equal(check(UINT64_MAX),
                         protocol_field(id)->kind == KIND_TEXT ? -1 : 0);
    }
}

static void
trailing_bytes_are_refused(void **state)
{
    (void)state;
    for (size_t extra = 1; extra < 6; extra++) {
        small_frame();
        memset(frame.bytes + frame.length, 0, extra);
        frame.length += extra;
        reject(); /* not counted by the length */
        end_frame();
        reject(); /* counted, but no field */
    }
}

static void
lying_field_lengths_are_refused(void **state)
{
    static const uint32_t lies[] = {2, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFA,
                                    0xFFFFFFFF};

    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        small_frame();
        frame.length -= 5; /* the length and the value of the last field */
        put_be(lies[i], 4);
        put_be('r', 1);
        end_frame();
        reject();
    }
}

static void
whole_length_is_bounded(void **state)
{
    (void)state;
    begin_frame(MESSAGE_STS_MFA_DEVICES);
    while (frame.length + 6 + 256 <= MESSAGE_MAX + 4)
        add_valid(FIELD_DEVICE, 256);
    add_valid(FIELD_MARKER, MESSAGE_MAX + 4 - 6 - frame.length);
    end_frame();
    assert_int_equal(frame.length, MESSAGE_MAX + 4);
    pass();
    begin_frame(MESSAGE_STS_MFA_DEVICES);
    while (frame.length <= MESSAGE_MAX + 4)
        add_valid(FIELD_DEVICE, 256);
    end_frame();
    reject();
}

/* --- over a socket -------------------------------------------------------*/

static int sockets[2];

static int
open_sockets(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets);
}

static int
close_sockets(void **state)
{
    (void)state;
    close(sockets[0]);
    close(sockets[1]);
    return 0;
}

static void
write_all(int fd, const void *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);

        if (n < 0)
            _exit(9);
        data = (const char *)data + n;
        length -= (size_t)n;
    }
}

static void
finish(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
values_come_through(void **state)
{
    struct message sent = {0}, got = {0};
    struct report report;
    struct secret secret = {0};
    char text[8], *copy;
    size_t length, cursor = 0;
    const char *bytes;

    (void)state;
    message_begin(&sent, MESSAGE_SIGN_REQUEST);
    message_put_number(&sent, FIELD_OPERATION, INT64_MIN);
    message_put_text(&sent, FIELD_HOST, "1234567");
    message_put_text(&sent, FIELD_PATH, "");
    message_put_text(&sent, FIELD_REGION, "eu");
    message_put_text(&sent, FIELD_PROFILE, NULL); /* adds nothing */
    message_put_number(&sent, FIELD_CLOCK_OFFSET, -1);
    message_put_bytes(&sent, FIELD_SESSION_TOKEN, "a\0b", 3);
    assert_int_equal(message_send(sockets[0], &sent, &report), 0);
    assert_int_equal(
        message_receive(sockets[1], &got, UINT64_MAX, ANY, &report),
        MESSAGE_OK);
    assert_int_equal(message_type(&got), MESSAGE_SIGN_REQUEST);
    assert_true(message_number(&got, FIELD_OPERATION, 0) == INT64_MIN);
    assert_int_equal(message_number(&got, FIELD_CLOCK_OFFSET, 0), -1);
    assert_int_equal(message_number(&got, FIELD_DURATION_SECONDS, 42), 42);
    assert_int_equal(message_text(&got, FIELD_HOST, text, 8), 7);
    assert_string_equal(text, "1234567");
    assert_int_equal(message_text(&got, FIELD_HOST, text, 7), -1);
    assert_int_equal(message_text(&got, FIELD_HOST, NULL, 0), 7);
    assert_int_equal(message_text(&got, FIELD_PATH, text, 8), 0);
    assert_string_equal(text, "");
    assert_int_equal(message_text(&got, FIELD_PROFILE, text, 8), -1);
    bytes = message_bytes(&got, FIELD_SESSION_TOKEN, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "a\0b", 3);
    assert_int_equal(message_secret(&got, FIELD_SESSION_TOKEN, &secret), 0);
    assert_int_equal(secret.length, 3);
    assert_int_equal(message_secret(&got, FIELD_BODY, &secret), -1);
    copy = message_text_copy(&got, FIELD_REGION);
    assert_string_equal(copy, "eu");
    free(copy);
    assert_null(message_text_copy(&got, FIELD_PROFILE));
    assert_non_null(message_next(&got, FIELD_REGION, &cursor, &length));
    assert_null(message_next(&got, FIELD_REGION, &cursor, &length));
    secret_free(&secret);
    message_free(&sent);
    message_free(&got);
}

static void
repeated_values_keep_their_order(void **state)
{
    struct message sent = {0}, got = {0};
    struct report report;
    size_t cursor = 0, length;
    char text[16];

    (void)state;
    message_begin(&sent, MESSAGE_STS_MFA_DEVICES);
    for (int i = 0; i < 8; i++) {
        snprintf(text, sizeof(text), "arn:%d", i);
        message_put_text(&sent, FIELD_DEVICE, text);
    }
    message_put_text(&sent, FIELD_MARKER, "more");
    assert_int_equal(message_send(sockets[0], &sent, &report), 0);
    assert_int_equal(
        message_receive(sockets[1], &got, UINT64_MAX, ANY, &report),
        MESSAGE_OK);
    for (int i = 0; i < 8; i++) {
        const char *value = message_next(&got, FIELD_DEVICE, &cursor, &length);

        snprintf(text, sizeof(text), "arn:%d", i);
        assert_int_equal(length, 5);
        assert_memory_equal(value, text, 5);
    }
    assert_null(message_next(&got, FIELD_DEVICE, &cursor, &length));
    message_free(&sent);
    message_free(&got);
}

static void
receives_byte_by_byte(void **state)
{
    struct message got = {0};
    struct report report;
    pid_t child;

    (void)state;
    small_frame();
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < frame.length; i++) {
            write_all(sockets[0], frame.bytes + i, 1);
            usleep(100);
        }
        _exit(0);
    }
    assert_int_equal(
        message_receive(sockets[1], &got, UINT64_MAX, -1, &report),
        MESSAGE_OK);
    assert_int_equal(got.frame.length, frame.length);
    assert_memory_equal(got.frame.data, frame.bytes, frame.length);
    finish(child);
    message_free(&got);
}

/* More than the socket holds, read slowly: partial writes and reads. */
static void
sends_more_than_a_socket_holds(void **state)
{
    static char body[131072];
    struct message sent = {0}, got = {0};
    struct report report;
    const int small = 4096;
    pid_t child;
    size_t length;

    (void)state;
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (char)(i * 31);
    assert_int_equal(
        setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
        0);
    message_begin(&sent, MESSAGE_STS_SEND);
    message_put_text(&sent, FIELD_AMZ_DATE, "20150830T123600Z");
    message_put_text(&sent, FIELD_AUTHORIZATION, "AWS4");
    message_put_bytes(&sent, FIELD_BODY, body, sizeof(body));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* the frame is wiped in a child: it reads */
        int good = message_receive(sockets[1], &got, UINT64_MAX, 10 * ANY,
                                   &report) == MESSAGE_OK;
        const void *value = good ? message_bytes(&got, FIELD_BODY, &length)
                                 : NULL;

        _exit(value == NULL || length != sizeof(body) ||
              memcmp(value, body, length) != 0);
    }
    assert_int_equal(message_send(sockets[0], &sent, &report), 0);
    finish(child);
    message_free(&sent);
}

static void
refuses_what_breaks_off(void **state)
{
    struct message got = {0};
    struct report report;

    small_frame();
    for (size_t length = 0; length < frame.length; length++) {
        close_sockets(state);
        assert_int_equal(open_sockets(state), 0);
        write_all(sockets[0], frame.bytes, length);
        shutdown(sockets[0], SHUT_WR);
        assert_int_equal(
            message_receive(sockets[1], &got, UINT64_MAX, ANY, &report),
            length == 0 ? MESSAGE_END : MESSAGE_INVALID);
        assert_int_equal(got.frame.length, 0);
    }
    message_free(&got);
}

static void
refuses_wrong_lengths_at_once(void **state)
{
    static const uint32_t lengths[] = {0, 1, MESSAGE_MAX + 1, 0x80000000,
                                       0xFFFFFFFF};
    struct message got = {0};
    struct report report;

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        close_sockets(state);
        assert_int_equal(open_sockets(state), 0);
        frame.length = 0;
        put_be(lengths[i], 4);
        write_all(sockets[0], frame.bytes, 4); /* no more will come */
        assert_int_equal(
            message_receive(sockets[1], &got, UINT64_MAX, -1, &report),
            MESSAGE_INVALID);
    }
    message_free(&got);
}

static void
times_out(void **state)
{
    struct message got = {0};
    struct report report;
    int64_t start;

    (void)state;
    small_frame();
    for (size_t length = 0; length < frame.length; length += 7) {
        write_all(sockets[0], frame.bytes, length);
        start = now_ms();
        assert_int_equal(
            message_receive(sockets[1], &got, UINT64_MAX, 30, &report),
            MESSAGE_TIMED_OUT);
        assert_in_range(now_ms() - start, 29, 2000);
        assert_int_equal(got.frame.length, 0);
    }
    message_free(&got);
}

/* The time is for the whole frame: drops of it buy no more. */
static void
a_slow_drip_times_out(void **state)
{
    struct message got = {0};
    struct report report;
    int64_t start = now_ms();
    pid_t child;

    (void)state;
    small_frame();
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < frame.length && i < 40; i++) {
            write_all(sockets[0], frame.bytes + i, 1);
            usleep(20000);
        }
        _exit(0);
    }
    assert_int_equal(
        message_receive(sockets[1], &got, UINT64_MAX, 100, &report),
        MESSAGE_TIMED_OUT);
    assert_in_range(now_ms() - start, 99, 500);
    finish(child);
    message_free(&got);
}

static void
leaves_the_next_message(void **state)
{
    struct message got = {0};
    struct report report;

    (void)state;
    small_frame();
    write_all(sockets[0], frame.bytes, frame.length);
    write_all(sockets[0], frame.bytes, frame.length);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            message_receive(sockets[1], &got, UINT64_MAX, ANY, &report),
            MESSAGE_OK);
    assert_int_equal(message_receive(sockets[1], &got, UINT64_MAX, 0, &report),
                     MESSAGE_TIMED_OUT);
    message_free(&got);
}

static void
a_closed_peer_is_an_error_not_a_signal(void **state)
{
    struct message sent = {0};
    struct report report;

    (void)state;
    close(sockets[1]);
    sockets[1] = -1;
    message_begin(&sent, MESSAGE_SIGN_REFUSED);
    message_put_number(&sent, FIELD_REFUSAL, 1);
    message_put_text(&sent, FIELD_TEXT, "x");
    assert_int_equal(message_send(sockets[0], &sent, &report), -1);
    assert_non_null(strstr(report.text, strerror(EPIPE)));
    message_free(&sent);
}

/* Nothing leaves that the other side would refuse. */
static void
sends_nothing_malformed(void **state)
{
    static char large[200000];
    struct message sent = {0};
    struct report report;
    char byte;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    message_begin(&sent, MESSAGE_SIGN_REFUSED); /* no text */
    message_put_number(&sent, FIELD_REFUSAL, 1);
    assert_int_equal(message_send(sockets[0], &sent, &report), -1);
    message_put_text(&sent, FIELD_TEXT, large); /* too long for the field */
    assert_int_equal(message_send(sockets[0], &sent, &report), -1);
    message_put_text(&sent, FIELD_TEXT, large); /* too long for a message */
    message_put_number(&sent, FIELD_REFUSAL, 1);
    assert_int_equal(message_send(sockets[0], &sent, &report), -1);
    message_free(&sent);
    assert_int_equal(message_send(sockets[0], &sent, &report), -1);
    assert_int_equal(recv(sockets[1], &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN);
    message_free(&sent);
}

static void
reads_a_non_blocking_socket(void **state)
{
    struct message got = {0};
    struct report report;

    (void)state;
    assert_int_equal(fcntl(sockets[1], F_SETFL, O_NONBLOCK), 0);
    small_frame();
    write_all(sockets[0], frame.bytes, frame.length);
    assert_int_equal(
        message_receive(sockets[1], &got, UINT64_MAX, ANY, &report),
        MESSAGE_OK);
    message_free(&got);
}

#define ON_SOCKETS(test)                                                      \
    cmocka_unit_test_setup_teardown(test, open_sockets, close_sockets)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_is_consistent),
        cmocka_unit_test(every_type_is_accepted),
        cmocka_unit_test(truncation_is_refused_at_every_length),
        cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(unknown_types_are_refused),
        cmocka_unit_test(foreign_fields_are_refused),
        cmocka_unit_test(a_field_twice_is_refused),
        cmocka_unit_test(missing_fields_are_refused),
        cmocka_unit_test(lengths_are_bounded),
        cmocka_unit_test(a_nul_in_a_text_is_refused),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(lying_field_lengths_are_refused),
        cmocka_unit_test(whole_length_is_bounded),
        ON_SOCKETS(values_come_through),
        ON_SOCKETS(repeated_values_keep_their_order),
        ON_SOCKETS(receives_byte_by_byte),
        ON_SOCKETS(sends_more_than_a_socket_holds),
        ON_SOCKETS(refuses_what_breaks_off),
        ON_SOCKETS(refuses_wrong_lengths_at_once),
        ON_SOCKETS(times_out),
        ON_SOCKETS(a_slow_drip_times_out),
        ON_SOCKETS(leaves_the_next_message),
        ON_SOCKETS(a_closed_peer_is_an_error_not_a_signal),
        ON_SOCKETS(sends_nothing_malformed),
        ON_SOCKETS(reads_a_non_blocking_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
