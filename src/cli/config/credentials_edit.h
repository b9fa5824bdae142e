/*
 * Taking an access key out of an AWS file, whole or not at all.
 *
 * Part of aws-session: credentials_text.h by way of file_edit.h.
 */
#ifndef AWS_SESSION_CREDENTIALS_EDIT_H
#define AWS_SESSION_CREDENTIALS_EDIT_H

#include "credentials_text.h"

/* Whether the file can be edited: see file_edit_check. */
int credentials_edit_check(const char *path, struct report *report);

/*
 * Remove the pair from the file at path; 0 also if it has neither key any
 * more. On -1 the report is filled and the file is as it was: see file_edit,
 * and what credentials_text_remove refuses. The key itself is never in the
 * new file.
 */
int credentials_edit_remove(const char *path,
                            const struct credentials_pair *pair,
                            struct report *report);

#endif
