/*
 * The acts of aws-session-sign before it touches a secret, in their order.
 *
 * Installed, the program is setuid to a service user: the caller chose its
 * files, limits, signals and environment, and none of these may matter. From
 * privilege_change_ids on every id is the service user's, for good; there is
 * no way back to the caller. Without the setuid bit the same acts run as the
 * user. Never setuid root.
 */
#ifndef AWS_SESSION_PRIVILEGE_H
#define AWS_SESSION_PRIVILEGE_H

#include "report.h"

#include <keyutils.h>
#include <sys/types.h>

enum { KEYRING_COUNT = 2 };

struct privilege {
    uid_t caller; /* real user id at the start: who asks */
    uid_t self;   /* effective user id: who we are after the change */
    /* The caller's user and persistent keyring; -1 where there is none. */
    key_serial_t keyrings[KEYRING_COUNT];
    int keyring_error; /* errno, when the user keyring is out of reach */
};

/*
 * Each act returns 0, or -1 with the report filled: then the process must end
 * without doing anything else. They are called once each, in this order.
 */

/* Note the ids; refuse an effective root that the caller is not. */
int privilege_note_ids(struct privilege *privilege, struct report *report);

/* Give descriptors 0 to 2 to /dev/null where the caller left them closed. */
int privilege_open_standard_files(struct report *report);

/* No core dump and not dumpable: no /proc/PID/mem, no ptrace. */
int privilege_forbid_dumps(struct report *report);

/* Refuse to work where another process could watch. */
int privilege_refuse_tracer(struct report *report);

/*
 * Drop what an exec inherits: environment, other descriptors, signal mask and
 * actions, timers, umask, directory. The process ends by itself, with exit
 * status 125, after the given seconds.
 */
int privilege_drop_inherited(unsigned seconds, struct report *report);

/*
 * While the real id is the caller's: make the caller's keyrings reachable for
 * the time after. Cannot fail: what is out of reach is noted.
 */
void privilege_link_keyrings(struct privilege *privilege);

/* Become the effective user wholly and prove that there is no way back. */
int privilege_change_ids(const struct privilege *privilege,
                         struct report *report);

#endif
