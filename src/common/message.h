/*
 * Framed messages between our own processes, over a socket pair.
 *
 * Part of libcommon: the setuid signer reads these from a caller that it does
 * not trust, so every rule is checked before a field can be looked at.
 *
 *     length  4 bytes, big endian: what follows, at most MESSAGE_MAX
 *     version 1 byte: MESSAGE_VERSION
 *     type    1 byte: enum message_type
 *     fields  each: id 2 bytes, length 4 bytes (big endian), value
 *
 * A text value holds no NUL. A number is 8 bytes, big endian, two's
 * complement. message_schema in protocol.c says which fields a type takes; an
 * unknown version, type or field, a field that is missing, given twice, too
 * long or malformed, and trailing bytes are fatal.
 */
#ifndef AWS_SESSION_MESSAGE_H
#define AWS_SESSION_MESSAGE_H

#include "protocol.h"
#include "report.h"
#include "secret.h"

#include <stddef.h>
#include <stdint.h>

enum { MESSAGE_VERSION = 1, MESSAGE_MAX = 256 * 1024, MESSAGE_HEADER = 6 };

/* All zero is an empty message. Holds the whole frame in wiped memory. */
struct message {
    struct secret frame;
};

/* How a receive ended. */
enum message_result {
    MESSAGE_OK,
    MESSAGE_END,       /* the peer closed before the first byte */
    MESSAGE_TIMED_OUT, /* the whole frame did not arrive in time */
    MESSAGE_INVALID    /* truncated, too long, or against the schema */
};

/*
 * Begin a message, and add fields in any order. An error (no memory, over
 * MESSAGE_MAX) is remembered and reported by message_send, so that a caller
 * checks once. A NULL text adds nothing: an absent optional field.
 */
void message_begin(struct message *message, enum message_type type);
void message_put_text(struct message *message, enum message_field field,
                      const char *text);
void message_put_bytes(struct message *message, enum message_field field,
                       const void *bytes, size_t length);
void message_put_number(struct message *message, enum message_field field,
                        int64_t number);

/*
 * Check the built message against its schema and send it whole. Never raises
 * SIGPIPE. Returns 0, or -1 with the report filled.
 */
int message_send(int fd, struct message *message, struct report *report);

/*
 * Receive one message and check it against its schema; from is the set of
 * types (a bit mask of MESSAGE_BIT) that are expected now, any other is
 * MESSAGE_INVALID. timeout_ms bounds the whole frame, -1 waits for ever.
 * On anything but MESSAGE_OK the report is filled and the message is empty.
 */
enum message_result message_receive(int fd, struct message *message,
                                    uint64_t expected, int timeout_ms,
                                    struct report *report);

/*
 * Check a frame that is already in memory, as message_receive does: the
 * entry point of the fuzz target. Returns 0, or -1 with the report filled.
 */
int message_check(const void *frame, size_t length, uint64_t expected,
                  struct report *report);

#define MESSAGE_BIT(type) (UINT64_C(1) << (type))

enum message_type message_type(const struct message *message);

/*
 * The value of a field of a checked message. A text is not NUL-terminated
 * inside the frame, so it is copied out: message_text fills buffer (NULL and
 * 0 to ask for the length only) and returns the length, or -1 if the field
 * is absent or does not fit. message_bytes points into the frame and returns
 * NULL if the field is absent. message_number returns fallback if absent.
 */
int message_text(const struct message *message, enum message_field field,
                 char *buffer, size_t size);
const void *message_bytes(const struct message *message,
                          enum message_field field, size_t *length);
int64_t message_number(const struct message *message, enum message_field field,
                       int64_t fallback);

/*
 * A copy of a text field in memory of its own, freed by the caller; NULL if
 * the field is absent or memory ran out.
 */
char *message_text_copy(const struct message *message,
                        enum message_field field);

/*
 * Copy the bytes of a field into a secret (emptied first). Returns 0, or -1
 * if the field is absent or memory ran out.
 */
int message_secret(const struct message *message, enum message_field field,
                   struct secret *secret);

/*
 * Walk the values of a repeated field, in order: *cursor is 0 at first.
 * Returns the next value and its length, NULL after the last.
 */
const void *message_next(const struct message *message,
                         enum message_field field, size_t *cursor,
                         size_t *length);

/* Wipe and free. Takes an empty message. */
void message_free(struct message *message);

#endif
