/*
 * Which profile is meant: the option, the variables, "default".
 *
 * Part of aws-session, runs as the user. The order is the AWS CLI v2's: see
 * profile_resolve.
 */
#ifndef AWS_SESSION_PROFILE_NAME_H
#define AWS_SESSION_PROFILE_NAME_H

#include "profile.h"

/*
 * The name that counts, which may be empty or of no profile; *place says for
 * reports who named it, NULL for nobody. It lives as long as the options and
 * the environment.
 */
const char *profile_name_wanted(const struct profile_options *options,
                                const char **place);

/* The same, checked: a name in the AWS files, stored, or that of the session
 * that we are in. NULL with the report filled if it is none of them. */
const char *profile_name_choose(const struct config *config,
                                const struct profile_options *options,
                                struct report *report);

#endif
