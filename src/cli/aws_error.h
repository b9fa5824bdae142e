/*
 * From an error of AWS to a sentence for the person.
 *
 * Part of aws-session. Sources: the error tables of the STS and IAM API
 * references. Texts of AWS drift, so they are compared by a part of them.
 */
#ifndef AWS_SESSION_AWS_ERROR_H
#define AWS_SESSION_AWS_ERROR_H

#include "aws_call.h"
#include "exit_status.h"

/* "GetSessionToken" and so on, for reports. */
const char *aws_operation_name(enum operation operation);

/*
 * Fill the report: what failed, with which key or host, what to do next.
 * text is the sender's own sentence, used when AWS said nothing we know.
 * Always returns -1.
 */
int aws_error_explain(const struct aws_request *request,
                      const struct aws_error *error, const char *text,
                      struct report *report);

/*
 * What a command ends with after such an error: EXIT_WRONG_CODE,
 * EXIT_UNREACHABLE (nobody's fault here, another time it may work) or
 * EXIT_FAILED.
 */
enum exit_status aws_error_status(const struct aws_error *error);

/* Whether AWS refused the MFA code itself: wrong, or used before. */
bool aws_error_is_wrong_code(const struct aws_error *error);

/* Whether AWS could not validate any code with this device: a wrong serial
 * number, a device of somebody else, or too many tries in three minutes. */
bool aws_error_is_device(const struct aws_error *error);

/* Whether AWS does not know the key that signed: deleted, inactive, or made
 * some seconds ago. */
bool aws_error_is_unknown_key(const struct aws_error *error);

/* Whether the user or the access key that was named does not exist. */
bool aws_error_is_gone(const struct aws_error *error);

/* Whether a wrong clock may be the cause. */
bool aws_error_is_clock(const struct aws_error *error);

#endif
