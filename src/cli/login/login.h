/*
 * aws-session as a login shell.
 *
 * Part of aws-session. Whatever fails, the user gets their real shell;
 * require_session of the policy is the only thing that changes that, and never
 * for uid 0. Without a terminal it asks nothing and prints nothing.
 */
#ifndef AWS_SESSION_LOGIN_H
#define AWS_SESSION_LOGIN_H

#include "report.h"

#include <stdbool.h>

/* How we were started as a shell. Strings point into argv. */
struct login {
    bool login;       /* argv[0] begins with '-' */
    const char *link; /* SHELL, of a link named aws-session-SHELL, or NULL */
    char **words;     /* what follows argv[0], NULL-terminated */
};

/*
 * Whether we were started as a shell and not as a command: argv[0] begins with
 * '-' (login(1), sshd(8), su(1), sudo(8), tmux(1)); it is aws-session-SHELL;
 * the first word is made of the letters of -c, -i, -l; or SHELL names us and
 * there is no word, or a short option that is not ours. Fills login if so.
 */
bool login_recognize(struct login *login, int argc, char **argv);

/*
 * Become the real shell, with a session if there is one. Returns, with the
 * report filled, an exit status if the policy demands a session or if no shell
 * can be run at all.
 */
int login_run(const struct login *login, struct report *report);

#endif
