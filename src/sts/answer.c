/*
 * The XML of STS and IAM: see answer.h. Part of aws-session-sts.
 */
#include "answer.h"

#include "answer_table.h"
#include "document.h"
#include "timestamp.h"

#include <stdio.h>
#include <string.h>

/* A page of IAM has at most 100; more than these would not fit our message. */
enum { MEMBERS_MAX = 500, SHORT_TEXT = 64, KEY_ID_MIN = 16 };

/* The parts of a listed key, as FIELD_KEY has them one after the other. */
enum { PART_ID, PART_STATUS, PART_CREATED, PART_COUNT };

/* The reading of one document. */
struct reader {
    struct answer *answer;
    enum operation operation;
    const struct wanted *leaf; /* whose text comes next */
    bool seen[WANTED_MAX];     /* by index in the table */
    int members;
    bool in_member; /* of a list of keys: */
    char parts[PART_COUNT][128 + 1];
    bool truncated;
    char marker[4096 + 1];
};

/* The last name of a path, to name an element in a sentence. */
static const char *
name_of(const struct wanted *wanted)
{
    const char *slash = strrchr(wanted->path, '/');

    return slash != NULL ? slash + 1 : wanted->path;
}

static size_t
max_length(const struct wanted *wanted)
{
    if (wanted->shape == SHAPE_KEY_ID)
        return protocol_field(FIELD_ACCESS_KEY_ID)->max_length;
    if (wanted->field == 0 || wanted->field == FIELD_KEY ||
        wanted->shape == SHAPE_TIME)
        return SHORT_TEXT;
    return protocol_field(wanted->field)->max_length;
}

/* Put a listed key into the answer, and begin the next one. */
static int
end_member(struct reader *reader, struct report *report)
{
    static const char *const names[PART_COUNT] = {"AccessKeyId", "Status",
                                                  "CreateDate"};
    char text[3 * sizeof(reader->parts[0])];

    if (!reader->in_member)
        return 0;
    for (int i = 0; i < PART_COUNT; i++)
        if (reader->parts[i][0] == '\0')
            return report_set(report, "the element %s is missing", names[i]);
    snprintf(text, sizeof(text), "%s %s %s", reader->parts[PART_ID],
             reader->parts[PART_STATUS], reader->parts[PART_CREATED]);
    message_put_text(&reader->answer->result, FIELD_KEY, text);
    memset(reader->parts, 0, sizeof(reader->parts));
    reader->in_member = false;
    return 0;
}

static int
enter_element(void *context, const char *path, size_t *limit,
              struct report *report)
{
    struct reader *reader = context;
    const struct wanted *wanted = answer_table_find(reader->operation, path);

    if (wanted == NULL)
        return 0;
    /* Which of two credentials, or of two accounts, would be the right one? */
    if (reader->seen[wanted - answer_table] && wanted->use != USE_REPEATED)
        return report_set(report, "the element %s is there twice",
                          name_of(wanted));
    reader->seen[wanted - answer_table] = true;
    if (wanted->shape == SHAPE_MEMBER) {
        if (end_member(reader, report) != 0)
            return -1;
        reader->in_member = true;
    } else if (wanted->shape != SHAPE_PARENT && wanted->shape != SHAPE_ROOT) {
        reader->leaf = wanted;
        *limit = max_length(wanted);
    }
    return 0;
}

static bool
is_word_char(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* Whether a text is of the shape. */
static bool
has_shape(const struct secret *text, enum shape shape)
{
    const unsigned char *c = (const unsigned char *)text->data;

    if (shape == SHAPE_KEY_ID && text->length < KEY_ID_MIN)
        return false;
    for (size_t i = 0; i < text->length; i++, c++) {
        if (*c < 0x20 || *c == 0x7F ||
            (*c == 0xC2 && c[1] >= 0x80 && c[1] < 0xA0)) /* C1 in UTF-8 */
            return false;
        if (shape == SHAPE_WORD && (*c < 0x21 || *c > 0x7E))
            return false;
        if (shape == SHAPE_KEY_ID && !is_word_char(*c))
            return false;
    }
    return true;
}

/* Copy a text of an error, cut to fit, with nothing that a terminal obeys. */
static void
keep_error(struct answer *answer, enum message_field field,
           const struct secret *text)
{
    char *copy = field == FIELD_AWS_CODE      ? answer->code
                 : field == FIELD_AWS_MESSAGE ? answer->text
                                              : answer->request_id;
    size_t length = protocol_field(field)->max_length;

    if (length >= text->length)
        length = text->length;
    else /* do not cut inside a character of UTF-8 */
        while (length > 0 &&
               ((unsigned char)text->data[length] & 0xC0) == 0x80)
            length--;
    memcpy(copy, text->data, length);
    copy[length] = '\0';
    for (char *blank = copy; (blank = strpbrk(blank, "\t\r\n")) != NULL;)
        *blank = ' ';
    report_clean(copy);
}

/* A part of a listed key; -1 if it has it already, or if it is malformed. */
static int
keep_part(struct reader *reader, const struct wanted *wanted,
          const struct secret *text)
{
    char *part = reader->parts[wanted->shape == SHAPE_KEY_ID   ? PART_ID
                               : wanted->shape == SHAPE_MOMENT ? PART_CREATED
                                                               : PART_STATUS];
    int64_t seconds;

    if (*part != '\0')
        return -1;
    if (wanted->shape != SHAPE_MOMENT) {
        memcpy(part, text->data, text->length + 1);
        return 0;
    }
    if (timestamp_parse(text->data, &seconds) != 0)
        return -1;
    timestamp_format(seconds, part);
    return 0;
}

/* Put a text that is in order where it belongs. Returns 0 or -1. */
static int
keep_value(struct reader *reader, const struct wanted *wanted,
           const struct secret *text)
{
    struct message *result = &reader->answer->result;
    int64_t seconds;

    if (wanted->shape == SHAPE_TIME) {
        if (timestamp_parse(text->data, &seconds) != 0)
            return -1;
        message_put_number(result, wanted->field, seconds);
    } else if (wanted->shape == SHAPE_TRUTH) {
        reader->truncated = strcmp(text->data, "true") == 0;
        return reader->truncated || strcmp(text->data, "false") == 0 ? 0 : -1;
    } else if (wanted->field == FIELD_MARKER) {
        /* It counts if IsTruncated says so, before or behind. */
        memcpy(reader->marker, text->data, text->length + 1);
    } else if (wanted->use == USE_REPEATED &&
               (wanted->field == FIELD_DEVICE ||
                wanted->shape == SHAPE_KEY_ID) &&
               reader->members++ >= MEMBERS_MAX) {
        return -1;
    } else if (wanted->field == FIELD_KEY) {
        return keep_part(reader, wanted, text);
    } else {
        message_put_bytes(result, wanted->field, text->data, text->length);
    }
    return 0;
}

static int
leave_element(void *context, const struct secret *text, bool too_long,
              struct report *report)
{
    struct reader *reader = context;
    const struct wanted *wanted = reader->leaf;

    if (wanted->shape == SHAPE_ERROR) {
        keep_error(reader->answer, wanted->field, text);
        return 0;
    }
    if (wanted->field == FIELD_MARKER && text->length == 0)
        return 0;
    if (text->length == 0 || too_long)
        return report_set(report, "the element %s is %s", name_of(wanted),
                          too_long ? "too long" : "empty");
    if (!has_shape(text, wanted->shape) ||
        keep_value(reader, wanted, text) != 0)
        return report_set(report, "the element %s is malformed",
                          name_of(wanted));
    return 0;
}

/* What must be there once the whole document was read. */
static int
check_complete(struct reader *reader, struct report *report)
{
    for (const struct wanted *row = answer_table; row->path != NULL; row++)
        if (row->operation == reader->operation && row->use == USE_REQUIRED &&
            !reader->seen[row - answer_table])
            return report_set(report, "the element %s is missing",
                              name_of(row));
    if (end_member(reader, report) != 0)
        return -1;
    if (reader->truncated && reader->marker[0] == '\0')
        return report_set(report, "the element Marker is missing");
    if (reader->truncated)
        message_put_text(&reader->answer->result, FIELD_MARKER,
                         reader->marker);
    return 0;
}

enum answer_kind
answer_parse(struct answer *answer, enum operation operation, const void *xml,
             size_t length, struct report *report)
{
    static const struct document_visitor visitor = {enter_element,
                                                    leave_element};
    struct reader reader = {.answer = answer, .operation = operation};

    answer_free(answer);
    message_begin(&answer->result, answer_table_type(operation));
    if (document_walk(xml, length, &visitor, &reader, report) != 0)
        return ANSWER_BAD;
    if (answer->code[0] != '\0')
        return ANSWER_ERROR;
    return check_complete(&reader, report) == 0 ? ANSWER_RESULT : ANSWER_BAD;
}

void
answer_free(struct answer *answer)
{
    message_free(&answer->result);
    *answer = (struct answer){0};
}
