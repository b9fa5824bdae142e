/*
 * Sessions of one way in the keyring: see session_kept.h. Part of aws-session.
 */
#include "session_kept.h"

#include "clock.h"
#include "debug.h"
#include "session_keyring.h"

#include <inttypes.h>

const char *
session_kept_profile(const struct session_way *way, size_t role_count)
{
    const struct profile *profile = way->profile;

    return role_count == 0 ? profile->base
                           : profile->roles[role_count - 1].profile;
}

int64_t
session_kept_find(struct session_way *way, size_t role_count,
                  struct session *session)
{
    const char *name = session_kept_profile(way, role_count);
    char id[SESSION_ID_SIZE];
    struct report report = {""};
    int64_t left;

    session_keyring_id(way->profile, way->parent.id, way->serial, role_count,
                       id);
    switch (session_keyring_find(way->policy.cache_scope, name, id, session,
                                 &report)) {
    case KEYRING_OK:
        left = session->expiration - clock_now();
        debug_log("session %s:%s found, %" PRId64 " s left", name, id, left);
        return left;
    case KEYRING_UNAVAILABLE:
        debug_log("%s", report.text);
        return 0;
    case KEYRING_ABSENT:
    case KEYRING_FULL:
        break;
    }
    if (report.text[0] != '\0') /* there, and damaged */
        debug_log("session %s:%s is of no use: %s", name, id, report.text);
    else
        debug_log("session %s:%s is not in the keyring", name, id);
    return 0;
}

/* A session that cannot be kept still works: one line, and on. */
void
session_kept_store(struct session_way *way, size_t role_count,
                   const struct session *session)
{
    char id[SESSION_ID_SIZE];
    struct report report;

    session_keyring_id(way->profile, way->parent.id, way->serial, role_count,
                       id);
    if (session_keyring_store(way->policy.cache_scope,
                              session_kept_profile(way, role_count), id,
                              session, &report) == KEYRING_OK)
        debug_log(
            "session %s:%s %s", session_kept_profile(way, role_count), id,
            way->policy.cache_scope == CACHE_NONE ? "not to be kept" : "kept");
    else if (!way->told_unkept) {
        warn_line("the session works but is not kept: %s", report.text);
        way->told_unkept = true;
    }
}
