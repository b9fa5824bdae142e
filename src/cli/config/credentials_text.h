/*
 * Taking an access key out of the text of an AWS file.
 *
 * Part of aws-session. Text in, text out: touches no file. What is taken out
 * are whole lines, and everything else stays byte for byte.
 */
#ifndef AWS_SESSION_CREDENTIALS_TEXT_H
#define AWS_SESSION_CREDENTIALS_TEXT_H

#include "report.h"
#include "secret.h"

/* The access key of a section. Nothing is owned. */
struct credentials_pair {
    const char *section; /* as it stands between the brackets */
    const char *access_key_id;
    const char *secret_access_key;
};

enum credentials_found {
    CREDENTIALS_FOUND, /* the result is without them */
    CREDENTIALS_GONE,  /* the section has neither key any more */
    CREDENTIALS_FAILED /* the report says why */
};

/*
 * Copy text to result without the lines of aws_access_key_id and
 * aws_secret_access_key of one section: the key's own line and those that
 * continue its value. Fails if the text is no AWS file, if the section has
 * another key than the pair, or if any other setting would change its meaning
 * (which is checked by reading the result). name is for reports.
 */
enum credentials_found
credentials_text_remove(const char *name, const struct secret *text,
                        const struct credentials_pair *pair,
                        struct secret *result, struct report *report);

#endif
