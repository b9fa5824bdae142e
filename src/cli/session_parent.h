/*
 * Which long-lived key signs: the end of step 1 of the way of a session.
 *
 * Part of aws-session. Never has a stored key: only its serial number.
 */
#ifndef AWS_SESSION_SESSION_PARENT_H
#define AWS_SESSION_SESSION_PARENT_H

#include "aws_call.h"
#include "keys/stash.h"
#include "policy.h"

enum { PARENT_ID_SIZE = 160 };

/* Strings that the signer points to belong to the profile; not to be copied,
 * since it may point to name. */
struct session_parent {
    struct aws_signer signer;
    char name[STASH_NAME_SIZE]; /* of a key that came by the environment */
    char id[PARENT_ID_SIZE];    /* for session_keyring_id */
};

/*
 * Choose: a stored key of the base profile, unless the environment gave one;
 * else the profile's. Returns EXIT_DONE, or with the report filled EXIT_NO_KEY
 * if there is none, EXIT_FAILED if the policy takes no unprotected ones.
 */
enum exit_status session_parent_choose(struct session_parent *parent,
                                       const struct profile *profile,
                                       const struct config *config,
                                       const struct policy *policy,
                                       struct report *report);

/*
 * Before a code is asked for: a key that came by the environment and is gone
 * from the keyring. Returns 0, or -1 with the report filled.
 */
int session_parent_check(const struct session_parent *parent,
                         const struct profile *profile, struct report *report);

/* Take the stored key of the base profile. Returns whether there is one. */
bool session_parent_name_stored(struct session_parent *parent,
                                const struct profile *profile);

/* Whether the keyring has a key of a profile: for struct profile_options. */
bool session_parent_is_stored(const char *profile);

/* "environment", "credentials file" or "config file". */
const char *session_parent_source(enum parent_source source);

#endif
