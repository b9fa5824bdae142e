/*
 * Under sudo(8) the keys and sessions are those of the person who called it.
 *
 * Part of aws-session. SUDO_UID is believed only when our real uid is 0: then
 * nobody but root can have set it. Under "sudo -u NAME" we are NAME, cannot
 * become the caller, and the variable means nothing.
 */
#ifndef AWS_SESSION_SUDO_CALLER_H
#define AWS_SESSION_SUDO_CALLER_H

#include "session.h"

/*
 * As session_get, with the keys of the person who called sudo: in a child
 * that becomes that person for good. Without sudo it is session_get.
 */
enum exit_status sudo_caller_session(const struct session_options *options,
                                     struct profile *profile,
                                     struct session *session,
                                     struct report *report);

/*
 * Become the person who called sudo, for good; does nothing without sudo.
 * Returns 0, or -1 with the report filled: SUDO_UID names nobody, or the ids
 * cannot be changed.
 */
int sudo_caller_become(struct report *report);

/*
 * After a failure for want of a key: if "sudo -u NAME" is the reason, add to
 * the report how it is done.
 */
void sudo_caller_hint(enum exit_status status, struct report *report);

#endif
