/*
 * The sessions of one way in the keyring: found, and kept.
 *
 * Part of aws-session. Private to session.c. Says in the debug log what was
 * found and why not.
 */
#ifndef AWS_SESSION_SESSION_KEPT_H
#define AWS_SESSION_SESSION_KEPT_H

#include "session_way.h"

/* The profile under whose name the session for the first role_count roles is
 * kept. */
const char *session_kept_profile(const struct session_way *way,
                                 size_t role_count);

/*
 * Find the session for the first role_count roles. Returns the seconds that
 * it has left; 0 or less if there is none.
 */
int64_t session_kept_find(struct session_way *way, size_t role_count,
                          struct session *session);

/* Keep it. One that cannot be kept still works: the person is told, once. */
void session_kept_store(struct session_way *way, size_t role_count,
                        const struct session *session);

#endif
