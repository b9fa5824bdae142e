/*
 * What the user decides: ~/.config/aws-session/config, or the directory that
 * XDG_CONFIG_HOME names instead of ~/.config.
 *
 * Part of aws-session, runs as the user. Lines of NAME = VALUE, empty lines
 * and comments that begin with #, as in aws-session.conf(5).
 */
#ifndef AWS_SESSION_USER_CONFIG_H
#define AWS_SESSION_USER_CONFIG_H

#include "policy.h"

#include <stdio.h>

struct user_config {
    char shell[POLICY_SHELL_SIZE]; /* of logins; "" is none */
};

/*
 * Read the file. Returns 0, also if there is none, or if we are root and the
 * home directory is another's; or -1 with a report that names the file and the
 * remedy (of another owner than the user or root, writable by others, not a
 * regular file, a line that is wrong); the config is empty then. May hang with
 * the home directory.
 */
int user_config_load(struct user_config *config, struct report *report);

/* The same for a file that is open, and trusted; path is for the report. */
int user_config_read(struct user_config *config, FILE *file, const char *path,
                     struct report *report);

#endif
