/*
 * The profile whose stored key a command is about: add, remove.
 *
 * Part of aws-session. Unlike the profile of a session it need not be in the
 * AWS files: a key in the keyring is enough.
 */
#ifndef AWS_SESSION_STORED_PROFILE_H
#define AWS_SESSION_STORED_PROFILE_H

#include "report.h"

/*
 * The name: given (--profile or the argument; NULL for none), AWS_PROFILE,
 * AWS_DEFAULT_PROFILE, AWS_SESSION_PROFILE, "default". Returns NULL with the
 * report filled if no key can be kept under that name.
 */
const char *stored_profile_choose(const char *given, struct report *report);

/*
 * Say in why how a session comes by its key if not by the key of this
 * profile: it has a role and another source_profile. Returns 0 if the key of
 * this profile would be used, -1 with why filled if not.
 */
int stored_profile_check_use(const char *profile, struct report *why);

#endif
