/*
 * The real shell of the user, never aws-session itself.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_USER_SHELL_H
#define AWS_SESSION_USER_SHELL_H

/*
 * The path of the shell: SHELL, else the one of the user database, else
 * /bin/sh; the first of them that can be run and is not aws-session. Valid
 * until the environment or the user database is read again.
 */
const char *user_shell_path(void);

#endif
