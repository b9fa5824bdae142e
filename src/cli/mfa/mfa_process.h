/*
 * mfa_process: a command of the profile that prints a code.
 *
 * Part of aws-session. As users of aws-vault have it: /bin/sh -c COMMAND. It
 * may talk to the person: its standard input and error are the terminal. It
 * runs with the environment of the user, before there is any session.
 */
#ifndef AWS_SESSION_MFA_PROCESS_H
#define AWS_SESSION_MFA_PROCESS_H

#include "mfa_code.h"
#include "report.h"

/*
 * Run the command and take the code that it prints; place says in a report
 * where the command stands. Without a terminal, or when nobody may be asked,
 * its input is empty and its error ours. It is waited for as long as it runs:
 * Ctrl-C ends both, and if we are ended by something else it is sent SIGTERM.
 * Returns 0, or -1 with the report filled; code is to be wiped in any case.
 */
int mfa_process_run(const char *command, const char *place,
                    char code[MFA_CODE_SIZE], struct report *report);

/* Whether we were started by an mfa_process. One that needs a code of another
 * one could go on for ever. */
int mfa_process_check(const char *place, struct report *report);

#endif
