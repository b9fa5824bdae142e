/*
 * The key that signs: its shape, and how a stored one is found.
 *
 * Part of aws-session-sign: the only code that reads a parent key.
 */
#ifndef AWS_SESSION_STORED_KEY_H
#define AWS_SESSION_STORED_KEY_H

#include "privilege.h"
#include "protocol.h"
#include "secret.h"
#include "sigv4.h"

enum { KEY_ID_MIN = 16, KEY_ID_MAX = 128 };

/* All zero is none. */
struct signing_key {
    char id[KEY_ID_MAX + 1];
    struct secret secret;
    enum protection protection;
};

/*
 * Whether id and secret have the shape of an AWS access key: the id goes into
 * a header. Returns 0, or -1 with the report filled (never with a value).
 */
int signing_key_check(const struct signing_key *key, struct report *report);

/*
 * Read the parent key of a profile from the caller's keyrings. To be called
 * after privilege_change_ids. One that the service user owns goes before one
 * of the caller's own; a third owner's is refused. Returns 0, or an enum
 * refusal with the report filled.
 */
int stored_key_read(struct signing_key *key, const char *profile,
                    const struct privilege *privilege, struct report *report);

/* Wipe and free. Takes an empty key. */
void signing_key_free(struct signing_key *key);

#endif
