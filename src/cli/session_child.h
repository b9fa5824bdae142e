/*
 * A session that a child process gets: as another user, within a time limit,
 * or so that Ctrl-C ends the question only.
 *
 * Part of aws-session. The child goes the whole way of a session and hands
 * over what the environment needs; nothing of it stays.
 */
#ifndef AWS_SESSION_SESSION_CHILD_H
#define AWS_SESSION_SESSION_CHILD_H

#include "session.h"

#include <pwd.h>

/* How the child differs from us. All zero: not at all. */
struct session_child {
    const struct passwd *user; /* whom it becomes for good; NULL to stay */
    unsigned seconds;          /* it may take; 0: any time. A person's time
                                  to answer does not count */
    /* What the child does; NULL: session_get. */
    enum exit_status (*get)(const struct session_options *options,
                            struct profile *profile, struct session *session,
                            struct report *report);
    /* In us, with to: what the child told, see below; NULL: nothing. */
    void (*told)(void *to, unsigned about, const char *text);
    void *to;
};

/*
 * As session_get. Of the profile only what environment_apply needs is filled:
 * name, in_files and region. A child that was interrupted, killed or too slow
 * is EXIT_FAILED with the report filled.
 */
enum exit_status session_child_get(const struct session_child *child,
                                   const struct session_options *options,
                                   struct profile *profile,
                                   struct session *session,
                                   struct report *report);

/* In the child: tell the parent something, at once. about is the caller's. */
void session_child_tell(unsigned about, const char *text);

/*
 * Become a user for good: groups, ids, HOME, USER and LOGNAME. Returns 0, or
 * -1 with the report filled: the process may then do nothing but end.
 */
int session_child_become(const struct passwd *user, struct report *report);

#endif
