/*
 * The process between the host and aws-session: it becomes the user, starts
 * aws-session, and sends its status through a pipe.
 *
 * Part of the PAM module. Between fork and exec there are system calls only:
 * the host may have threads that held a lock.
 */
#ifndef AWS_SESSION_MODULE_GUARD_H
#define AWS_SESSION_MODULE_GUARD_H

#include "module_child.h"

#include <sys/types.h>

enum { GUARD_ARGUMENTS_MOST = 16, GUARD_STATUS_FD = 3 };

/* All that the guard needs, made before it is forked. */
struct guard_plan {
    char *argv[GUARD_ARGUMENTS_MOST + 2];
    char *environment[8];
    char texts[8][1024];
    const struct module_user *user;
    bool is_root;
    pid_t host;
    int input; /* descriptors above GUARD_STATUS_FD */
    int output;
    int said;
    int status;
};

/* Fill all but the descriptors. Returns 0, or -1: something is too long. */
int guard_plan_make(struct guard_plan *plan,
                    const struct child_request *request);

/* In the forked child, with all signals blocked. */
_Noreturn void guard_run(const struct guard_plan *plan);

#endif
