/*
 * The long-lived keys that a person has here, wherever they are: what list
 * and status show.
 *
 * Part of aws-session. Never the secrets; and an id only if it looks like
 * one, since a secret may stand in its place.
 */
#ifndef AWS_SESSION_KNOWN_KEY_H
#define AWS_SESSION_KNOWN_KEY_H

#include "config/config.h"
#include "config/profile.h"
#include "parent_key.h"

struct known_key {
    char *profile;
    char id[130]; /* "" if it is not known */
    enum parent_source source;
    enum protection protection; /* of one in the keyring; 0 if unknown */
    char readers[160];          /* who can read it, as a part of a sentence */
};

/* All zero is empty. */
struct known_keys {
    struct known_key *keys; /* by profile; then in the order of use */
    size_t count;
};

/*
 * Find the keys of all profiles, the environment's too: as the first, under
 * the name of no profile, "". Returns 0, or -1 with the report filled.
 */
int known_keys_find(struct known_keys *keys, const struct config *config,
                    struct report *report);

/* Drop the keys of all other profiles, and the environment's. */
void known_keys_keep(struct known_keys *keys, const char *profile);

void known_keys_free(struct known_keys *keys);

/* Describe the stored key of a profile: by the signer, else as unknown. */
void known_key_describe(struct known_key *key, const char *profile);

/* For programs: "keyring", "environment", "credentials_file", "config_file".
 */
const char *known_key_place(const struct known_key *key);

#endif
