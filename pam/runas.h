/*
 * aws-session-runas: a command in a PAM session of another user.
 *
 *     aws-session-runas NAME [COMMAND [ARGUMENT ...]]
 *
 * Started by root's "aws-session --user NAME", with the credentials in the
 * environment; without COMMAND it runs the user's shell.
 */
#ifndef AWS_SESSION_RUNAS_PROGRAM_H
#define AWS_SESSION_RUNAS_PROGRAM_H

#include "report.h"

#include <pwd.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <sys/types.h>

/*
 * The environment of the user's program: that of a login, what describes the
 * terminal and the language, what the PAM modules want, the AWS variables. In
 * our own it is not changed. Returns NULL when memory ran out.
 */
char **runas_environment(const struct passwd *user, pam_handle_t *pam);

/* Wipe and free. Takes NULL. */
void runas_environment_free(char **environment);

/*
 * Block the signals that runas_wait takes, so that whatever comes, the session
 * is closed. *before is the mask that the program gets.
 */
void runas_block_signals(sigset_t *before);

/*
 * Wait until the program ends. What is sent to us goes on to it; when it
 * stops, so do we, and with us it goes on. Returns its wait status.
 */
int runas_wait(pid_t program);

/* End as a program with that wait status ended: by its signal, too. */
_Noreturn void runas_end(int status);

#endif
