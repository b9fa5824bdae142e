/*
 * Which long-lived key signs: the end of step 1 of the way of a session.
 *
 * Part of aws-session. Never has a stored key: only its serial number.
 */
#ifndef AWS_SESSION_SESSION_PARENT_H
#define AWS_SESSION_SESSION_PARENT_H

#include "aws_call.h"
#include "policy.h"

enum { PARENT_ID_SIZE = 160 };

/* Strings that the signer points to belong to the profile. */
struct session_parent {
    struct aws_signer signer;
    char id[PARENT_ID_SIZE]; /* for session_keyring_id */
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

/* Take the stored key of the base profile. Returns whether there is one. */
bool session_parent_name_stored(struct session_parent *parent,
                                const struct profile *profile);

/* Whether the keyring has a key of a profile: for struct profile_options. */
bool session_parent_is_stored(const char *profile);

/* "environment", "credentials file" or "config file". */
const char *session_parent_source(enum parent_source source);

#endif
