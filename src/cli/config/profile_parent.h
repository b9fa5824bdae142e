/*
 * Where the long-lived key ("parent key") of a profile is.
 *
 * Part of aws-session, runs as the user. Private to profile.c and
 * profile_roles.c.
 */
#ifndef AWS_SESSION_PROFILE_PARENT_H
#define AWS_SESSION_PROFILE_PARENT_H

#include "profile.h"

/*
 * Take the parent key from the environment, if there is one: sets
 * profile->parent. Returns 0, or -1 with the report filled: half a pair, or
 * temporary credentials that are not those of a session of ours.
 */
int profile_parent_from_environment(struct profile *profile,
                                    struct report *report);

/*
 * Take the parent key that the session which we are in was opened with, if it
 * came by the environment and the session is this profile's: sets
 * profile->parent. Returns 0, or -1 with the report filled: the variable holds
 * no key id.
 */
int profile_parent_from_stash(struct profile *profile, struct report *report);

/*
 * Take the parent key of profile->base from the files, if they have one.
 * Returns 0, or -1 with the report filled: half a pair, temporary
 * credentials, or credentials of another kind.
 */
int profile_parent_from_files(struct profile *profile,
                              const struct config *config,
                              const struct profile_options *options,
                              struct report *report);

/* Whether a profile has a long-lived key, in a file or (if asked) stored. */
bool profile_parent_exists(const struct config *config,
                           const struct profile_options *options,
                           const char *profile);

/* Whether the keyring has a key of the profile, as far as somebody looks. */
bool profile_parent_is_stored(const struct profile_options *options,
                              const char *profile);

#endif
