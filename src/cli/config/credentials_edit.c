/*
 * An access key out of a file: see credentials_edit.h. Part of aws-session.
 */
#include "credentials_edit.h"

#include "file_edit.h"

static const char otherwise[] = ", or use --keep";

int
credentials_edit_check(const char *path, struct report *report)
{
    return file_edit_check(path, otherwise, report);
}

static enum edit_outcome
remove_pair(const char *name, const struct secret *text, const void *what,
            struct secret *result, struct report *report)
{
    switch (credentials_text_remove(name, text, what, result, report)) {
    case CREDENTIALS_FOUND:
        return EDIT_CHANGED;
    case CREDENTIALS_GONE:
        return EDIT_SAME;
    case CREDENTIALS_FAILED:
        break;
    }
    return EDIT_FAILED;
}

int
credentials_edit_remove(const char *path, const struct credentials_pair *pair,
                        struct report *report)
{
    const struct file_change change = {
        .edit = remove_pair, .what = pair, .otherwise = otherwise};

    return file_edit(path, &change, report) == EDIT_FAILED ? -1 : 0;
}
