/*
 * What AWS allows in the values of a profile, checked before a person types
 * a code.
 *
 * Part of aws-session, runs as the user. Limits and patterns are those of the
 * API references of STS and IAM.
 */
#ifndef AWS_SESSION_PROFILE_VALUE_H
#define AWS_SESSION_PROFILE_VALUE_H

#include "report.h"

#include <stdbool.h>

enum profile_value {
    VALUE_ACCESS_KEY_ID,
    VALUE_ROLE_ARN,
    VALUE_ROLE_SESSION_NAME,
    VALUE_EXTERNAL_ID,
    VALUE_MFA_SERIAL
};

/*
 * Check a value; where says in the report where it stands. Returns 0, or -1
 * with the report filled.
 */
int profile_value_check(enum profile_value kind, const char *value,
                        const char *where, struct report *report);

/*
 * Why a value is probably not what its writer meant, to end a sentence with:
 * an inline comment, quotes, an indented line that became a part of it. "" if
 * nothing looks wrong.
 */
const char *profile_value_hint(const char *value);

/*
 * A whole number as Python's int() takes it (blanks around it, a sign, single
 * underscores between digits); false if it is none. Values too large for
 * *number become its limits.
 */
bool profile_value_number(const char *text, long *number);

/* Replace what AWS does not allow in a role session name, in place. */
void profile_value_clean_session_name(char *name);

#endif
