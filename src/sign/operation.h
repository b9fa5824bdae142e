/*
 * The AWS operations that aws-session-sign signs, and their parameters.
 *
 * Part of aws-session-sign. What is not in this table cannot be signed; the
 * limits are those of the STS and IAM API references. Pure: no secret but the
 * MFA code, no clock, no file.
 */
#ifndef AWS_SESSION_OPERATION_H
#define AWS_SESSION_OPERATION_H

#include "message.h"
#include "policy.h"

#include <stdbool.h>

#define ALPHANUMERIC                                                          \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define WORD ALPHANUMERIC "_"
#define UNRESERVED WORD "-.~" /* what percent-encoding leaves alone */
#define GRAPHIC                                                               \
    WORD "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~" /* ASCII, no blank               \
                                              */

struct operation_rule {
    const char *name;
    const char *service; /* as the signature's scope names it */
    const char *version; /* of the API */
    uint64_t required;   /* parameters, as MESSAGE_BIT of their field */
    uint64_t optional;
    int64_t max_duration;     /* seconds; 0: it makes no session */
    int64_t default_duration; /* of AWS, when none is given */
};

/* The operation of that FIELD_OPERATION, NULL if there is none. */
const struct operation_rule *operation_find(int64_t number);

/*
 * Check the parameters in the message against the operation and append the
 * form-encoded body to body, which must be empty. Returns 0, or -1 with the
 * report filled; then body may be half written.
 */
int operation_body(const struct operation_rule *operation,
                   const struct message *message, struct secret *body,
                   struct report *report);

/*
 * Whether the machine's policy lets a stored key sign this; a key in the
 * message is the caller's own. Returns 0, or -1 with the report filled.
 */
int operation_permitted(const struct operation_rule *operation,
                        const struct message *message,
                        const struct policy *policy, struct report *report);

/* Whether every byte of text is in the set, a string: so never a NUL. */
bool characters_only(const char *text, size_t length, const char *set);

/*
 * Append text with every byte that is not in the set as %XX. A blank in the
 * set becomes '+', as in a form. Returns 0, or -1 without memory.
 */
int append_encoded(struct secret *secret, const char *text, size_t length,
                   const char *set);

#endif
