/*
 * Becoming a shell: its argv[0], and our hooks in it.
 *
 * Part of aws-session. We become the shell: no terminal in between, nothing of
 * ours stays behind. Which shell it is, user_shell.h decides.
 */
#ifndef AWS_SESSION_SHELL_START_H
#define AWS_SESSION_SHELL_START_H

#include "report.h"

#include <stdbool.h>

/*
 * Become the shell at path. login: argv[0] begins with '-', as login(1) does
 * it. arguments: what follows argv[0], NULL-terminated; NULL for an
 * interactive shell with our hooks. Does not return on success, else returns
 * an exit status with the report filled.
 */
int shell_start(const char *path, bool login, char *const *arguments,
                struct report *report);

#endif
