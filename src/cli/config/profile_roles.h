/*
 * The role chain of a profile: role_arn and source_profile.
 *
 * Part of aws-session, runs as the user. Follows
 * botocore.credentials.AssumeRoleProvider.
 */
#ifndef AWS_SESSION_PROFILE_ROLES_H
#define AWS_SESSION_PROFILE_ROLES_H

#include "profile.h"

/*
 * Follow the chain from profile->name: sets roles, role_count and base.
 * Returns 0, or -1 with the report filled.
 */
int profile_roles_resolve(struct profile *profile, const struct config *config,
                          const struct profile_options *options,
                          struct report *report);

/* Free the roles of a profile. */
void profile_roles_free(struct profile *profile);

#endif
