/*
 * What can hang in a login, in a process of its own.
 *
 * Part of aws-session, runs as the user. The home directory, the user
 * database, the keyring and STS may each take for ever; the login kills us
 * then. So may the person, with Ctrl-C, who thereby skips the question.
 *
 * It writes records to the pipe: a letter, text, a NUL.
 */
#ifndef AWS_SESSION_LOGIN_WORKER_H
#define AWS_SESSION_LOGIN_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

enum login_record {
    LOGIN_ASKING = '?',        /* a question is pending */
    LOGIN_ASKED = '!',         /* and is no more */
    LOGIN_OWN_SHELL = 'o',     /* the one that the user configured */
    LOGIN_ACCOUNT_SHELL = 'a', /* the one of the user database */
    LOGIN_WARNING = 'w',       /* something that is wrong, and does no harm */
    LOGIN_VARIABLE = 'v',      /* one of the environment with the session */
    LOGIN_SESSION = 's',       /* that was the whole environment */
    LOGIN_PROBLEM = 'p'        /* there is no session; the reason */
};

/* In the child: do the work, write it to fd, and end. parent: who started us
 * and with whom we end. */
_Noreturn void login_worker_run(int fd, bool ask, pid_t parent);

#endif
