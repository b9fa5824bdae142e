/*
 * Which elements of an answer of STS and IAM are wanted, and what each must
 * look like: the table behind answer.h.
 *
 * Part of aws-session-sts. Pure: knows the documents, reads none.
 */
#ifndef AWS_SESSION_ANSWER_TABLE_H
#define AWS_SESSION_ANSWER_TABLE_H

#include "protocol.h"

/* What a value must look like. */
enum shape {
    SHAPE_LINE,   /* one line of text, not empty */
    SHAPE_WORD,   /* printable ASCII without blanks: a key, a token */
    SHAPE_KEY_ID, /* AWS: 16 to 128 of [A-Za-z0-9_] */
    SHAPE_TIME,   /* becomes seconds since 1970 */
    SHAPE_MOMENT, /* becomes a timestamp, inside a text of several parts */
    SHAPE_TRUTH,  /* "true" or "false" */
    SHAPE_PARENT, /* no value: that the element is there counts */
    SHAPE_MEMBER, /* no value: a member of a list, made of what is inside */
    SHAPE_ROOT,   /* no value: the root element of an empty answer */
    SHAPE_ERROR   /* text of an error: kept in the answer, cleaned */
};

/* An element we want. The path is below OPERATIONResponse/OPERATIONResult,
 * or, with operation 0 and for a root, from the root element on. */
struct wanted {
    enum operation operation;
    const char *path;
    enum shape shape;
    enum message_field field; /* 0: none, it is not of the message */
    enum field_use use;
};

/* The whole table; the last row has no path. */
enum { WANTED_MAX = 44 };
extern const struct wanted answer_table[];

/* The row for an element of an operation's answer, or of an error; NULL if it
 * is not wanted. The path is that of document.h. */
const struct wanted *answer_table_find(enum operation operation,
                                       const char *path);

/* The type of the message that an operation's answer becomes. */
enum message_type answer_table_type(enum operation operation);

#endif
