/*
 * Access keys that came by the environment, kept for what runs inside: the
 * child gets the session and the key's id, never its secret.
 *
 * Part of aws-session. The signer keeps the key as it keeps stored ones, under
 * a name that no profile can have, and for 36 hours at most.
 */
#ifndef AWS_SESSION_STASH_H
#define AWS_SESSION_STASH_H

#include "config/profile.h"

enum { STASH_NAME_SIZE = 160 };

/* The name under which the key with that id is kept. */
void stash_name(const char *key_id, char name[STASH_NAME_SIZE]);

/* The key id in such a name; NULL if it is the name of a profile. */
const char *stash_key_id(const char *name);

/*
 * Have the key of the environment kept (profile->parent is
 * PARENT_ENVIRONMENT), unless it is and anew is false: then no process is
 * started. Returns whether it is there now; why not is in the debug log.
 */
bool stash_keep(const struct profile *profile, bool anew);

/* Whether the key with that id is kept. */
bool stash_has(const char *key_id);

#endif
