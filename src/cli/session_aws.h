/*
 * Sessions from AWS: steps 4 to 6 of the way of a session.
 *
 * Part of aws-session. Private to session.c, which looks for a kept one
 * first. Never has a stored parent key: that is read by aws-session-sign
 * alone. A key from a file or a variable of the user goes through here to the
 * signer.
 */
#ifndef AWS_SESSION_SESSION_AWS_H
#define AWS_SESSION_SESSION_AWS_H

#include "session_way.h"

/*
 * The session with MFA, before any role: find the device, get a code, sign,
 * send; up to three codes where a person can be asked. Returns as session_get.
 */
enum exit_status session_aws_mfa(struct session_way *way,
                                 struct session *session,
                                 struct report *report);

/*
 * Assume the index-th role with the session before it, and put the role's in
 * its place. Returns 0, or -1 with the report filled.
 */
int session_aws_role(struct session_way *way, size_t index,
                     struct session *session, struct report *report);

#endif
