/*
 * A session, and its form as a document: the JSON that credential_process
 * prints and that the keyring holds.
 *
 * Part of aws-session. Source of the form: "Sourcing credentials with an
 * external process" in the AWS SDKs and Tools Reference Guide.
 */
#ifndef AWS_SESSION_SESSION_DOCUMENT_H
#define AWS_SESSION_SESSION_DOCUMENT_H

#include "report.h"
#include "secret.h"

#include <stdint.h>

/* Temporary credentials. All zero is none. */
struct session {
    struct secret access_key_id;
    struct secret secret_access_key;
    struct secret session_token;
    int64_t expiration; /* seconds since 1970 UTC, by AWS's clock */
};

/* Write the document. Returns 0, or -1 with the report filled. */
int session_document_write(const struct session *session,
                           struct secret *document, struct report *report);

/*
 * Read a document; whatever else it holds is ignored. Returns 0, or -1 with
 * the report filled (the session is empty then).
 */
int session_document_read(const char *text, size_t length,
                          struct session *session, struct report *report);

/* Wipe and free. Takes an empty session. */
void session_free(struct session *session);

#endif
