/*
 * Sessions in the keyring: step 2 of the way of a session, and its end.
 *
 * Part of aws-session. Key "aws-session:session:PROFILE:ID"; the payload is
 * the document of session_document.h; the kernel drops it when it expires.
 */
#ifndef AWS_SESSION_SESSION_KEYRING_H
#define AWS_SESSION_SESSION_KEYRING_H

#include "config/profile.h"
#include "keyring.h"
#include "policy.h"
#include "session_document.h"

enum { SESSION_ID_SIZE = 17 };

/*
 * A short hash of everything that decides what the session is: the parent key
 * (parent_id: its access key id, or the serial number of a stored one), the
 * MFA device (serial, "" while unknown), the duration, where STS is, and the
 * first role_count roles. A changed configuration never finds a stale
 * session. Of an endpoint of AWS's own the region does not count: a session of
 * one region works in all, so that --region asks for no other code.
 */
void session_keyring_id(const struct profile *profile, const char *parent_id,
                        const char *serial, size_t role_count,
                        char id[SESSION_ID_SIZE]);

/*
 * Find a session where the scope keeps them; with CACHE_NONE there is none.
 * KEYRING_ABSENT also for one that cannot be read as a document. The report
 * is filled for that one and for KEYRING_UNAVAILABLE, and is empty else.
 */
enum keyring_result session_keyring_find(enum cache_scope scope,
                                         const char *profile, const char *id,
                                         struct session *session,
                                         struct report *report);

/*
 * Store a session until it expires; with CACHE_NONE do nothing. Open shells
 * will notice, and the profile no longer counts as cleared. If the key
 * quota is used up, sessions of ours make room, three at most, those that
 * expire first before others, and the person is told. The report is filled on
 * failure.
 */
enum keyring_result session_keyring_store(enum cache_scope scope,
                                          const char *profile, const char *id,
                                          const struct session *session,
                                          struct report *report);

/*
 * Sessions of a profile were ended before their time: note it, so that shells
 * that have one give it up; session_keyring_store removes the note.
 */
void session_keyring_note_cleared(const char *profile);

/* Whether they were, and none was stored since. */
bool session_keyring_was_cleared(const char *profile);

#endif
