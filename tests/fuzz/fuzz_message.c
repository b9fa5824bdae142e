/*
 * Fuzz target: the framing of messages, and all that the signer does with
 * one (operations, validators, signing). Pure: the keyrings it is given are
 * none. Each input is tried as it is, and again with its length mended.
 */
#include "message.h"
#include "sign/request.h"
#include "sign/sigv4.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIGNER_TYPES                                                          \
    (MESSAGE_BIT(MESSAGE_SIGN_DESCRIBE) | MESSAGE_BIT(MESSAGE_SIGN_REQUEST) | \
     MESSAGE_BIT(MESSAGE_KEY_STORE) | MESSAGE_BIT(MESSAGE_KEY_REMOVE))

static void
write_length(char *frame, size_t length)
{
    for (int i = 0; i < 4; i++)
        frame[i] = (char)((length - 4) >> (24 - 8 * i) & 0xFF);
}

/* What the schema promises must hold for every field there is. */
static void
read_fields(const struct message *message)
{
    char text[4097];

    for (unsigned id = 1; id < FIELD_COUNT; id++) {
        enum message_field field = (enum message_field)id;
        const struct field_rule *rule = protocol_field(id);
        size_t cursor = 0, length = 0, seen = 0;
        struct secret copy = {0};
        char *string;

        while (message_next(message, field, &cursor, &length) != NULL) {
            assert(length <= rule->max_length);
            assert(rule->kind != KIND_NUMBER || length == 8);
            seen++;
        }
        assert(seen < 2 ||
               protocol_use(message_type(message), id) == USE_REPEATED);
        if (seen == 0) {
            assert(message_number(message, field, -7) == -7);
            assert(message_text(message, field, text, sizeof(text)) == -1);
            assert(message_secret(message, field, &copy) == -1);
            continue;
        }
        if (rule->kind == KIND_NUMBER)
            (void)message_number(message, field, 0);
        (void)message_text(message, field, text, sizeof(text));
        assert(message_secret(message, field, &copy) == 0);
        string = message_text_copy(message, field);
        assert(string != NULL);
        free(string);
        secret_free(&copy);
    }
}

static void
answer(const struct message *message)
{
    const struct privilege nobody = {.caller = 1, .self = 2, {-1, -1}, ENOKEY};
    const uint64_t replies = MESSAGE_BIT(MESSAGE_SIGN_DESCRIBED) |
                             MESSAGE_BIT(MESSAGE_SIGN_RESULT) |
                             MESSAGE_BIT(MESSAGE_SIGN_REFUSED);
    struct message reply = {0};
    struct policy policy;
    struct report report;

    assert(policy_parse(&policy, "none", "", 0, &report) == 0);
    request_answer(&reply, message, &nobody, &policy);
    assert(reply.frame.length > 0);
    write_length(reply.frame.data, reply.frame.length);
    assert(message_check(reply.frame.data, reply.frame.length, replies,
                         &report) == 0);
    message_free(&reply);
}

static void
run(const void *data, size_t size)
{
    struct message message = {0};
    struct report report;

    if (message_check(data, size, UINT64_MAX, &report) != 0)
        return;
    assert(secret_set(&message.frame, data, size) == 0);
    read_fields(&message);
    if ((MESSAGE_BIT(message_type(&message)) & SIGNER_TYPES) != 0)
        answer(&message);
    message_free(&message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report;
    char *mended;

    assert(sigv4_start(&report) == 0);
    run(data, size);
    if (size < MESSAGE_HEADER)
        return 0;
    mended = malloc(size);
    assert(mended != NULL);
    memcpy(mended, data, size);
    write_length(mended, size);
    run(mended, size);
    free(mended);
    return 0;
}
