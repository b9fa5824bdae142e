/*
 * Who signs what makes an MFA device.
 *
 * Part of aws-session. With a device already, a session with MFA: a program
 * that may use the key must not be able to add a device of its own. For the
 * first one there can be no session, so it is the key: one of a file or the
 * environment, a stored one if the policy says so, else the same key whose
 * secret the person types once more.
 */
#ifndef AWS_SESSION_PROVISION_SIGNER_H
#define AWS_SESSION_PROVISION_SIGNER_H

#include "keys/key_input.h"
#include "mfa_device.h"
#include "session.h"
#include "session_parent.h"

/* Initialise with PROVISION_SIGNER_NONE. */
struct provision_signer {
    struct aws aws;
    struct profile profile;
    struct policy policy;
    struct session_parent parent; /* the key that the device is for */
    char setting[512];            /* where the profile's mfa_serial stands */
    struct key_input typed;
    struct profile session_profile;
    struct session session;
    struct mfa_caller caller; /* the key; after choose: who signs */
};

#define PROVISION_SIGNER_NONE                                                 \
    {                                                                         \
        .aws = AWS_CLOSED(NULL)                                               \
    }

/* Find the key. Returns 0, or -1 with the report filled. */
int provision_signer_begin(struct provision_signer *signer,
                           const struct session_options *options,
                           struct report *report);

/*
 * Choose who signs, for a user who has devices that give codes or not. May
 * ask: for a code, or for the secret on the terminal given. Returns EXIT_DONE,
 * or what the command ends with and the report filled.
 */
enum exit_status provision_signer_choose(struct provision_signer *signer,
                                         const struct session_options *options,
                                         const struct mfa_identity *identity,
                                         bool has_device, int terminal,
                                         struct report *report);

/* Wipe and free. */
void provision_signer_end(struct provision_signer *signer);

#endif
