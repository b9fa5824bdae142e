/*
 * What can hang in a login, done in a child process.
 *
 * Part of aws-session, runs as the user. The home directory, the user
 * database, the keyring and STS may each take for ever; the login then ends
 * the child (session_child.h) and goes on.
 */
#ifndef AWS_SESSION_LOGIN_CHILD_H
#define AWS_SESSION_LOGIN_CHILD_H

#include "session.h"

/* What it tells the parent by session_child_tell. */
enum login_told {
    LOGIN_OWN_SHELL = 1, /* the shell that the user configured */
    LOGIN_ACCOUNT_SHELL, /* the one of the user database */
    LOGIN_WARNING,       /* a sentence: something is wrong, and harmless */
    LOGIN_NO_KEY         /* there is no AWS key at all, so nothing to say */
};

/*
 * Tell the shells, then get a session as session_get does. cached of the
 * options: nobody may be asked, and nothing is printed; else an empty line
 * skips the question, and a kept session that had to be renewed is taken.
 * Everything else of the options comes from the variables behind them.
 */
enum exit_status login_child_get(const struct session_options *options,
                                 struct profile *profile,
                                 struct session *session,
                                 struct report *report);

#endif
