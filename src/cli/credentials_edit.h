/*
 * Taking an access key out of an AWS file, whole or not at all.
 *
 * Part of aws-session. The only code of ours that writes a file of the user:
 * a new one beside it, synchronised, which then takes its name. Owner, group,
 * mode and ACL are kept. A symbolic link stays, and its target is edited.
 */
#ifndef AWS_SESSION_CREDENTIALS_EDIT_H
#define AWS_SESSION_CREDENTIALS_EDIT_H

#include "credentials_text.h"

/*
 * Whether the file can be edited, as far as can be said before: a regular
 * file of ours, with one name, that we may write, in a directory where we may
 * make files. Returns 0, or -1 with the report filled.
 */
int credentials_edit_check(const char *path, struct report *report);

/*
 * Remove the pair from the file at path; 0 also if it has neither key any
 * more. On -1 the report is filled and the file is as it was: no space left,
 * changed by somebody else, locked for ten seconds, and what
 * credentials_edit_check and credentials_text_remove refuse. Nothing of ours
 * is left beside it, even if we are killed, but for the moment in which the
 * new file has a name (".NAME.aws-session-new"): then the next edit removes
 * it. The key itself is never in the new file.
 */
int credentials_edit_remove(const char *path,
                            const struct credentials_pair *pair,
                            struct report *report);

#endif
