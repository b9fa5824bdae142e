/*
 * Running aws-session as the user, from inside of somebody else's process.
 *
 * Part of the PAM module. The host keeps its signal handlers, its descriptors
 * and its children, and never waits longer than it is told to.
 */
#ifndef AWS_SESSION_MODULE_CHILD_H
#define AWS_SESSION_MODULE_CHILD_H

#include "module_user.h"

#include <stdbool.h>
#include <stddef.h>

/* How it ended, besides exit statuses. */
enum {
    CHILD_TIMED_OUT = -1,
    CHILD_KILLED = -2,     /* by a signal */
    CHILD_NO_PROCESS = -3, /* it could not be started as that user */
};

struct child_request {
    const struct module_user *user;
    const char *const *arguments; /* argv[1] and on, NULL-terminated */
    const char *input;            /* its standard input; NULL: none */
    unsigned seconds;             /* most that it may take */
    bool debug;                   /* it says what it does */
    bool wants_output;
};

struct child_answer {
    int status;   /* of exit(3), or one of the above */
    char *output; /* standard output, if wanted; not terminated */
    size_t length;
    char said[4096]; /* the beginning of standard error */
};

/* Never fails but by its status. Freed by the caller. */
void module_child_run(const struct child_request *request,
                      struct child_answer *answer);

/* Wipe and free. */
void module_child_free(struct child_answer *answer);

#endif
