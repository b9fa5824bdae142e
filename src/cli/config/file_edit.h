/*
 * Editing a file of the user, whole or not at all.
 *
 * Part of aws-session. The only code of ours that writes a file of the user:
 * a new one beside it, synchronised, which then takes its name. Owner, group,
 * mode and ACL are kept. A symbolic link stays, and its target is edited.
 */
#ifndef AWS_SESSION_FILE_EDIT_H
#define AWS_SESSION_FILE_EDIT_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>

enum edit_outcome {
    EDIT_CHANGED,
    EDIT_SAME,  /* there was nothing to change */
    EDIT_FAILED /* the report says why */
};

/* What is to be done to a text. Nothing is owned. */
struct file_change {
    /* Write the new text to result; name is for reports. */
    enum edit_outcome (*edit)(const char *name, const struct secret *text,
                              const void *what, struct secret *result,
                              struct report *report);
    const void *what;
    const char *otherwise; /* how to do without, to end a sentence: ", or use
                              --keep"; "" if there is no way */
    bool create;           /* a file that is missing is made, mode 0600 */
};

/*
 * Whether the file can be edited, as far as can be said before: a regular
 * file of ours, with one name, that we may write, in a directory where we may
 * make files. Returns 0, or -1 with the report filled.
 */
int file_edit_check(const char *path, const char *otherwise,
                    struct report *report);

/*
 * Edit the file at path. On EDIT_FAILED the report is filled and the file is
 * as it was: no space left, changed by somebody else, locked for ten seconds,
 * and what file_edit_check and the change itself refuse. Nothing of ours is
 * left beside it, even if we are killed, but for the moment in which the new
 * file has a name (".NAME.aws-session-new"): then the next edit removes it.
 */
enum edit_outcome file_edit(const char *path, const struct file_change *change,
                            struct report *report);

#endif
