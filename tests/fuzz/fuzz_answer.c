/*
 * Fuzz target: the XML of STS and IAM, read as the answer to each operation.
 * Whatever comes from the network, the outcome is a message that keeps to
 * the schema, an error with clean texts, or one sentence.
 */
#include "sts/answer.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *text, size_t max)
{
    size_t length = strlen(text);

    assert(length <= max);
    for (size_t i = 0; i < length; i++)
        assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7F);
}

/* Check the result as message_send would, and its values. */
static void
check_result(struct answer *answer)
{
    struct secret *frame = &answer->result.frame;
    struct report report;

    assert(frame->length >= MESSAGE_HEADER);
    for (int i = 0; i < 4; i++)
        frame->data[i] = (char)((frame->length - 4) >> (24 - 8 * i) & 0xFF);
    assert(message_check(frame->data, frame->length, UINT64_MAX, &report) ==
           0);
    for (unsigned id = 1; id < FIELD_COUNT; id++) {
        size_t cursor = 0, length;
        const unsigned char *value;

        if (protocol_field(id)->kind == KIND_NUMBER)
            continue;
        while ((value = message_next(&answer->result, (enum message_field)id,
                                     &cursor, &length)) != NULL) {
            assert(length > 0);
            for (size_t i = 0; i < length; i++)
                assert(value[i] >= 0x20 && value[i] != 0x7F);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int i = OPERATION_GET_CALLER_IDENTITY;
         i <= OPERATION_DELETE_MFA_DEVICE; i++) {
        struct answer answer = {0};
        struct report report = {.text = ""};

        switch (
            answer_parse(&answer, (enum operation)i, data, size, &report)) {
        case ANSWER_RESULT:
            check_result(&answer);
            break;
        case ANSWER_ERROR:
            assert(answer.code[0] != '\0');
            check_line(answer.code, 128);
            check_line(answer.text, 2048);
            check_line(answer.request_id, 128);
            break;
        case ANSWER_BAD:
            assert(report.text[0] != '\0');
            check_line(report.text, REPORT_SIZE - 1);
            break;
        }
        answer_free(&answer);
    }
    return 0;
}
