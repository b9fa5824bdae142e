/*
 * The key that signs: its shape, and how a stored one is found.
 *
 * Part of aws-session-sign: the only code that reads a parent key.
 */
#ifndef AWS_SESSION_STORED_KEY_H
#define AWS_SESSION_STORED_KEY_H

#include "key_name.h"
#include "message.h"
#include "privilege.h"
#include "secret.h"
#include "sigv4.h"

enum { KEY_ID_MIN = 16, KEY_ID_MAX = 128 };

/* All zero is none. */
struct signing_key {
    char id[KEY_ID_MAX + 1];
    struct secret secret;
    enum protection protection;
};

/* A key in a keyring that has the name of a parent key. */
struct stored_key {
    key_serial_t serial;        /* 0: none */
    uid_t owner;                /* what nobody can forge */
    enum protection protection; /* 0: neither the service's nor the caller's */
    size_t size;                /* of a protected one: bytes of a quota */
};

/* What the caller's keyrings hold for one profile. */
struct stored_keys {
    struct stored_key in[KEYRING_COUNT]; /* as privilege.keyrings */
    struct stored_key best;              /* the one that signs */
    /* The protected keys of all profiles: a caller can unlink some from one
     * keyring and others from the other, so each counts once. */
    unsigned kept;
    size_t kept_size;
};

/*
 * Take id and secret of a message, and check that they have the shape of an
 * AWS access key: the id goes into a header. Returns 0, or an enum refusal
 * with the report filled (never with a value).
 */
int signing_key_given(struct signing_key *key, const struct message *message,
                      struct report *report);

/*
 * Unlink what has expired from the caller's keyrings. The kernel would do so
 * five minutes later (kernel.keys.gc_delay); until then such keys count
 * against the quota of their owner, but nobody can tell whose they are.
 */
void stored_keys_sweep(const struct privilege *privilege);

/*
 * Find the parent keys of a profile in the caller's keyrings, and name, their
 * description. To be called after privilege_change_ids. Returns 0, or an enum
 * refusal with the report filled: with REFUSAL_NO_KEY all else is filled too.
 */
int stored_key_find(struct stored_keys *keys, char name[KEY_NAME_SIZE],
                    const char *profile, const struct privilege *privilege,
                    struct report *report);

/*
 * Find and read the parent key of a profile. One that the service user owns
 * goes before one of the caller's own; a third owner's is refused. Returns 0,
 * or an enum refusal with the report filled.
 */
int stored_key_read(struct signing_key *key, const char *profile,
                    const struct privilege *privilege, struct report *report);

/* Wipe and free. Takes an empty key. */
void signing_key_free(struct signing_key *key);

#endif
