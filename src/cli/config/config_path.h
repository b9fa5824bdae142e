/*
 * Where the AWS files are.
 *
 * Part of aws-session, runs as the user. Follows what botocore does with
 * os.path.expandvars and os.path.expanduser.
 */
#ifndef AWS_SESSION_CONFIG_PATH_H
#define AWS_SESSION_CONFIG_PATH_H

#include "report.h"

/*
 * The path in a variable or else the fallback, with $NAME, ${NAME}, ~ and
 * ~USER expanded; what is not known stays as it stands. *path is NULL if the
 * variable is set but empty, or if there is no home directory, otherwise freed
 * by the caller. Returns 0, or -1 with the report filled.
 */
int config_path_find(const char *variable, const char *fallback, char **path,
                     struct report *report);

#endif
