/*
 * Where aws-session is: a path for a file that runs it later.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_OWN_PATH_H
#define AWS_SESSION_OWN_PATH_H

#include "report.h"

#include <limits.h>

/*
 * Write an absolute path of this program: the one by which PATH finds it, as
 * it may stay when a new version comes, else the file that runs. Returns 0,
 * or -1 with the report filled.
 */
int own_path_find(char path[PATH_MAX], struct report *report);

#endif
