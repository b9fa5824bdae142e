/*
 * Profiles that get their credentials from us: a credential_process that runs
 * aws-session for another profile stands for that profile.
 *
 * Part of aws-session, runs as the user. Private to profile.c, its parts,
 * command_configure.c and command_clear.c. Never runs a process: to resolve such a profile is to
 * resolve the one that it names.
 */
#ifndef AWS_SESSION_PROFILE_PROCESS_H
#define AWS_SESSION_PROFILE_PROCESS_H

#include "profile.h"

/* Whether a command, as botocore splits it, runs aws-session. */
bool profile_process_is_own(const char *command);

/*
 * The profile that our own command names with --profile; freed by the caller.
 * NULL if it names none, is not ours, or memory ran out.
 */
char *profile_process_profile(const char *command);

/*
 * The setting of a profile by which AWS's tools find other credentials than
 * credential_process, keys aside; NULL if there is none.
 */
const char *profile_process_hidden_by(const struct config *config,
                                      const char *profile);

/*
 * Follow credential_process of ours from one profile to the next, as long as
 * nothing that AWS's tools or we look at first stands in the profile: a role,
 * another kind of credentials, a long-lived key in a file or stored. Returns
 * the name of the last one, which is the first one's own if there is nothing
 * to follow; freed by the caller. NULL with the report filled: a profile that
 * does not exist, a circle, no memory.
 */
char *profile_process_follow(const struct config *config,
                             const struct profile_options *options,
                             const char *profile, struct report *report);

#endif
