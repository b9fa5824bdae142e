/*
 * The parser behind config_file.h. Private to config_file.c.
 *
 * Part of aws-session, runs as the user.
 */
#ifndef AWS_SESSION_CONFIG_PARSE_H
#define AWS_SESSION_CONFIG_PARSE_H

#include "config_file.h"

/*
 * Parse file->text in place: it is cut into the strings that sections and
 * entries point to. name is for reports. Returns 0, or -1 with the report
 * filled; either way config_file_free gives back what was made.
 */
int config_parse(struct config_file *file, const char *name,
                 struct report *report);

#endif
