/*
 * What aws-session's exit status means to PAM. The table in pam_aws_session(8)
 * is the same, and a test tries each row.
 *
 * Part of the PAM module.
 */
#ifndef AWS_SESSION_MODULE_OUTCOME_H
#define AWS_SESSION_MODULE_OUTCOME_H

#include "module_child.h"

/* A row: never NULL for any status. */
struct outcome {
    int status;           /* of struct child_answer */
    int code;             /* for PAM */
    const char *sentence; /* for a person who has not logged in yet, so with
                             no name and no key id; NULL for none */
};

const struct outcome *outcome_find(int status);

#endif
