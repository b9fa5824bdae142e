/*
 * The session of a login, within a time limit.
 *
 * Part of aws-session. A process of its own (login_worker.h) looks for it or
 * asks for a code, and hands over through a pipe what it found; this one waits
 * no longer than the limit, and can always go on.
 */
#ifndef AWS_SESSION_LOGIN_SESSION_H
#define AWS_SESSION_LOGIN_SESSION_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>

/* What was found. */
struct login_session {
    char **environment;        /* the shell's, with the session; NULL: none */
    const char *own_shell;     /* as the user configured it; NULL: not */
    const char *account_shell; /* of the user database; NULL: not known */
    struct report problem;     /* why there is no session; "" if no access key
                                  is configured at all */
    struct report warning;     /* something else to say; "" for nothing */
    struct secret received;    /* what the others point into */
};

/*
 * Get a session: a kept one; with ask, on a terminal, else one for a code of
 * the person. limit: seconds that it may take while no question is pending.
 * Nothing of it runs on afterwards. Never fails: see problem.
 */
void login_session_get(struct login_session *got, bool ask, unsigned limit);

/* Wipe and free, the environment, too: it must not be environ any more. */
void login_session_free(struct login_session *got);

#endif
