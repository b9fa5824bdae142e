/*
 * --user NAME: the command or shell runs as somebody else, in a PAM session of
 * theirs that aws-session-runas opens.
 *
 * Part of aws-session, which never links libpam.
 */
#ifndef AWS_SESSION_RUNAS_H
#define AWS_SESSION_RUNAS_H

#include "report.h"

/*
 * Whether it can be done at all, before anybody is asked for a code: we are
 * root, and there is such a user. Returns 0, or -1 with the report filled.
 */
int runas_check(const char *user, struct report *report);

/*
 * Become aws-session-runas. It takes the credentials from the environment;
 * arguments: the command, NULL for the user's shell. Does not return on
 * success, else returns an exit status with the report filled.
 */
int runas_start(const char *user, char *const *arguments,
                struct report *report);

#endif
