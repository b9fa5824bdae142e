/*
 * The XML that STS and IAM answer with, read into a typed answer.
 *
 * Part of aws-session-sts, runs as the user. The document comes from the
 * network: elements are matched by their path of local names alone, and
 * prefixes, namespaces, attributes, unknown elements and their order mean
 * nothing; a document type declaration is refused, so there are no entities;
 * depth and the length of every value are limited. Never touches a file, the
 * network or a clock (whether a session has expired is not judged here).
 *
 * Follows the API references of STS (2011-06-15) and IAM (2010-05-08).
 */
#ifndef AWS_SESSION_ANSWER_H
#define AWS_SESSION_ANSWER_H

#include "message.h"

enum answer_kind {
    ANSWER_RESULT, /* the operation's result, whole */
    ANSWER_ERROR,  /* an error of AWS: code is not empty */
    ANSWER_BAD     /* neither: the report says why */
};

/* All zero is none. */
struct answer {
    struct message result;    /* with ANSWER_RESULT: the operation's own type
                                 of answer, not yet sent */
    char code[128 + 1];       /* with ANSWER_ERROR */
    char text[2048 + 1];      /* with ANSWER_ERROR: <Message>, "" if absent */
    char request_id[128 + 1]; /* "" if absent */
};

/*
 * Read the answer to an operation. On ANSWER_BAD the report holds half a
 * sentence such as "the element Expiration is missing". answer_free is due
 * in every case.
 */
enum answer_kind answer_parse(struct answer *answer, enum operation operation,
                              const void *xml, size_t length,
                              struct report *report);

/* Wipe and free. Takes an empty answer. */
void answer_free(struct answer *answer);

#endif
