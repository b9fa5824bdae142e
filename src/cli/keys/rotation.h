/*
 * Rotation of a stored key: a new access key in the place of the old one.
 *
 * Part of aws-session. Interrupted anywhere, even by SIGKILL, the stored key
 * is one that works, and the next rotation goes on from there:
 *
 *     note the rotation    then a second key can be told from a stranger's
 *     CreateAccessKey      killed behind it: the new key's secret is lost;
 *     note its id          the next rotation deletes it and begins anew
 *     prove the new key    signed with it, up to a minute until AWS knows it
 *     store it             the signer puts it in the old one's place, at once
 *     keep the session     killed from here on: the next rotation goes on here
 *     prove the stored key
 *     old key: inactive
 *     prove once more
 *     old key: deleted
 *     forget the note
 *
 * Everything at IAM is signed by one session with MFA, that of the old key,
 * so that one code is enough. It is the user's, not the key's: AWS lets it
 * live until it expires, so it is kept for the new key.
 *
 * The new secret comes through aws-session-sts and this process, both the
 * user's; it is in our memory, which no other program of the user can read
 * meanwhile, until it is stored, and nowhere else. The old secret never is.
 */
#ifndef AWS_SESSION_ROTATION_H
#define AWS_SESSION_ROTATION_H

#include "session.h"

/*
 * Ask whether to (rotation_consent.h; not if force), then rotate the stored
 * key of the profile that the options select (of the profile at the root of
 * its roles), or end a rotation that was interrupted, and say on standard
 * output what is done. Returns EXIT_DONE, else as session_get with a report
 * that says which key is in use, unless it is the one that was.
 */
enum exit_status rotation_run(const struct session_options *options,
                              bool force, struct report *report);

#endif
