/*
 * The XML of STS and IAM: see answer.h. Part of aws-session-sts.
 */
#include "answer.h"

#include "document.h"
#include "timestamp.h"

#include <string.h>

/* A page of IAM has at most 100; more than these would not fit our message. */
enum { DEVICES_MAX = 500, SHORT_TEXT = 64, KEY_ID_MIN = 16 };

/* What a value must look like. */
enum shape {
    SHAPE_LINE,   /* one line of text, not empty */
    SHAPE_WORD,   /* printable ASCII without blanks: a key, a token */
    SHAPE_KEY_ID, /* AWS: 16 to 128 of [A-Za-z0-9_] */
    SHAPE_TIME,   /* becomes seconds since 1970 */
    SHAPE_TRUTH,  /* "true" or "false" */
    SHAPE_PARENT, /* no value: that the element is there counts */
    SHAPE_ERROR   /* text of an error: kept in the answer, cleaned */
};

/* An element we want. The path is below OPERATIONResponse/OPERATIONResult,
 * or, with operation 0, from the root element on. */
struct wanted {
    enum operation operation;
    const char *path;
    enum shape shape;
    enum message_field field; /* 0: none, it is not of the message */
    enum field_use use;
};

static const struct wanted table[] = {
    {OPERATION_GET_CALLER_IDENTITY, "Account", SHAPE_LINE, FIELD_ACCOUNT,
     USE_REQUIRED},
    {OPERATION_GET_CALLER_IDENTITY, "Arn", SHAPE_LINE, FIELD_ARN,
     USE_REQUIRED},
    {OPERATION_GET_CALLER_IDENTITY, "UserId", SHAPE_LINE, FIELD_USER_ID,
     USE_REQUIRED},
#define CREDENTIALS(operation)                                                \
    {operation, "Credentials/AccessKeyId", SHAPE_KEY_ID, FIELD_ACCESS_KEY_ID, \
     USE_REQUIRED},                                                           \
        {operation, "Credentials/SecretAccessKey", SHAPE_WORD,                \
         FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},                              \
        {operation, "Credentials/SessionToken", SHAPE_WORD,                   \
         FIELD_SESSION_TOKEN, USE_REQUIRED},                                  \
    {                                                                         \
        operation, "Credentials/Expiration", SHAPE_TIME, FIELD_EXPIRATION,    \
            USE_REQUIRED                                                      \
    }
    CREDENTIALS(OPERATION_GET_SESSION_TOKEN),
    CREDENTIALS(OPERATION_ASSUME_ROLE),
    {OPERATION_ASSUME_ROLE, "AssumedRoleUser/Arn", SHAPE_LINE, FIELD_ARN,
     USE_OPTIONAL},
    {OPERATION_LIST_MFA_DEVICES, "MFADevices", SHAPE_PARENT, 0, USE_REQUIRED},
    {OPERATION_LIST_MFA_DEVICES, "MFADevices/member/SerialNumber", SHAPE_LINE,
     FIELD_DEVICE, USE_REPEATED},
    {OPERATION_LIST_MFA_DEVICES, "IsTruncated", SHAPE_TRUTH, 0, USE_OPTIONAL},
    {OPERATION_LIST_MFA_DEVICES, "Marker", SHAPE_LINE, FIELD_MARKER,
     USE_OPTIONAL},
    {0, "ErrorResponse/Error/Code", SHAPE_ERROR, FIELD_AWS_CODE, USE_OPTIONAL},
    {0, "ErrorResponse/Error/Message", SHAPE_ERROR, FIELD_AWS_MESSAGE,
     USE_OPTIONAL},
    {0, "ErrorResponse/RequestId", SHAPE_ERROR, FIELD_REQUEST_ID,
     USE_OPTIONAL},
    {0, "ErrorResponse/RequestID", SHAPE_ERROR, FIELD_REQUEST_ID,
     USE_OPTIONAL},
};

enum { TABLE_SIZE = sizeof(table) / sizeof(table[0]) };

static const struct {
    const char *name;
    enum message_type answer;
} operations[] = {
    [OPERATION_GET_CALLER_IDENTITY] = {"GetCallerIdentity",
                                       MESSAGE_STS_IDENTITY},
    [OPERATION_GET_SESSION_TOKEN] = {"GetSessionToken", MESSAGE_STS_SESSION},
    [OPERATION_ASSUME_ROLE] = {"AssumeRole", MESSAGE_STS_SESSION},
    [OPERATION_LIST_MFA_DEVICES] = {"ListMFADevices", MESSAGE_STS_MFA_DEVICES},
};

/* The reading of one document. */
struct reader {
    struct answer *answer;
    enum operation operation;
    const struct wanted *leaf; /* whose text comes next */
    bool seen[TABLE_SIZE];
    int devices;
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

/* If the path begins with "NAMEtail/", return what follows, else NULL. */
static const char *
skip_step(const char *path, const char *name, const char *tail)
{
    size_t length = strlen(name);

    if (path == NULL || strncmp(path, name, length) != 0)
        return NULL;
    path += length;
    length = strlen(tail);
    return strncmp(path, tail, length) == 0 ? path + length : NULL;
}

static const struct wanted *
find_wanted(enum operation operation, const char *path)
{
    const char *name = operations[operation].name;
    const char *below = skip_step(skip_step(path, name, "Response/"), name,
                                  "Result/");

    for (int i = 0; i < TABLE_SIZE; i++) {
        const struct wanted *wanted = &table[i];
        const char *compared = wanted->operation == 0 ? path : below;

        if ((wanted->operation == 0 || wanted->operation == operation) &&
            compared != NULL && strcmp(compared, wanted->path) == 0)
            return wanted;
    }
    return NULL;
}

static size_t
max_length(const struct wanted *wanted)
{
    if (wanted->field == 0 || wanted->shape == SHAPE_TIME)
        return SHORT_TEXT;
    return protocol_field(wanted->field)->max_length;
}

static int
enter_element(void *context, const char *path, size_t *limit,
              struct report *report)
{
    struct reader *reader = context;
    const struct wanted *wanted = find_wanted(reader->operation, path);

    if (wanted == NULL)
        return 0;
    /* Which of two credentials, or of two accounts, would be the right one? */
    if (reader->seen[wanted - table] && wanted->use != USE_REPEATED)
        return report_set(report, "the element %s is there twice",
                          name_of(wanted));
    reader->seen[wanted - table] = true;
    if (wanted->shape != SHAPE_PARENT) {
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
    } else if (wanted->field == FIELD_DEVICE &&
               reader->devices++ >= DEVICES_MAX) {
        return -1;
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
    for (int i = 0; i < TABLE_SIZE; i++)
        if (table[i].operation == reader->operation &&
            table[i].use == USE_REQUIRED && !reader->seen[i])
            return report_set(report, "the element %s is missing",
                              name_of(&table[i]));
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
    message_begin(&answer->result, operations[operation].answer);
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
