/*
 * The environment of the shell or command: step 7 of the way of a session.
 *
 * Part of aws-session. A written list of what is set and what is removed; the
 * table in README.md and the man page is the same, and a test compares them.
 */
#ifndef AWS_SESSION_ENVIRONMENT_H
#define AWS_SESSION_ENVIRONMENT_H

#include "profile.h"
#include "session_document.h"

/*
 * Change our own environment into that of the child. Returns 0, or -1 with
 * the report filled (out of memory).
 */
int environment_apply(const struct profile *profile,
                      const struct session *session, struct report *report);

#endif
