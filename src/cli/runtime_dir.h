/*
 * Where small things of a user live that end with the machine: locks and the
 * change mark.
 *
 * Part of aws-session. /run/user/UID, else /tmp/aws-session-UID, and only if
 * the directory is the user's and nobody else can write it.
 */
#ifndef AWS_SESSION_RUNTIME_DIR_H
#define AWS_SESSION_RUNTIME_DIR_H

#include <stddef.h>

/*
 * Write the directory's path (up to 64 bytes) to path; makes the one in /tmp
 * if it is needed. Returns 0, or -1 if there is no safe one.
 */
int runtime_dir_find(char *path, size_t size);

#endif
