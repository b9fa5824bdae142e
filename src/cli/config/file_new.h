/*
 * A new file beside an old one, to take its place.
 *
 * Part of aws-session. Private to file_edit.c.
 */
#ifndef AWS_SESSION_FILE_NEW_H
#define AWS_SESSION_FILE_NEW_H

#include "secret.h"

#include <sys/stat.h>

/*
 * Make the file name in a directory with this text, synchronised, and with
 * owner, mode and ACL of an open one (like, whose status it is): first
 * without a name where that is possible, so that nothing stays behind if we
 * are killed. Returns 0, or -1 with errno set; a file of that name may be
 * there then.
 */
int file_new_make(int directory, const char *name, int like,
                  const struct stat *status, const struct secret *text);

#endif
