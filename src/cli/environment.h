/*
 * The environment of the shell or command: step 7 of the way of a session.
 *
 * Part of aws-session. A written list of what is set and what is removed; the
 * table in README.md and the man page is the same, and a test compares them.
 */
#ifndef AWS_SESSION_ENVIRONMENT_H
#define AWS_SESSION_ENVIRONMENT_H

#include "config/profile.h"
#include "nested.h"
#include "session_document.h"
#include "timestamp.h"

/* A variable and its value; NULL: it is removed. */
struct variable {
    const char *name;
    const char *value;
};

/* What a session changes in an environment. All zero is nothing. */
struct environment {
    struct variable *variables; /* what goes first, then what is set */
    size_t count;
    char *names; /* private, as the rest */
    char *duration, *serial;
    char nested[NESTED_SIZE];
    char expiration[TIMESTAMP_SIZE];
    char expires[24];
};

/*
 * Say what is to be changed in our environment, or in that of the shell that
 * started us. An empty session is one that has ended: its credentials go, and
 * AWS_SESSION_EXPIRES becomes 0. The plan points into itself, profile and
 * session. Returns 0, or -1 with the report filled (out of memory); freed by
 * environment_free either way.
 */
int environment_plan(struct environment *plan, const struct profile *profile,
                     const struct session *session, struct report *report);

/*
 * Change our own environment into that of the child. Returns 0, or -1 with
 * the report filled (out of memory).
 */
int environment_apply(const struct profile *profile,
                      const struct session *session, struct report *report);

/* Takes an empty plan. */
void environment_free(struct environment *plan);

#endif
