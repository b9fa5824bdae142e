/*
 * Setting one key of a profile in the text of the AWS config file.
 *
 * Part of aws-session. Text in, text out: touches no file. Everything else
 * stays byte for byte, as with "aws configure": a key is replaced where it
 * stands, a new one comes behind the last one of its section, and a new
 * section at the end of the file.
 */
#ifndef AWS_SESSION_CONFIG_SET_H
#define AWS_SESSION_CONFIG_SET_H

#include "file_edit.h"

/* Nothing is owned. */
struct config_setting {
    const char *profile;
    const char *key;
    const char *value;  /* of one line */
    const char *former; /* what may be replaced; NULL: nothing may be there */
};

/*
 * A change for file_edit; what is a struct config_setting. Fails if the text
 * is no AWS file, if the key has neither the former nor the new value, if the
 * profile's name can be in no section, or if any other setting would change
 * its meaning (which is checked by reading the result).
 */
enum edit_outcome config_set_edit(const char *name, const struct secret *text,
                                  const void *what, struct secret *result,
                                  struct report *report);

#endif
