/*
 * Who is logged in: the last logout of a user may end their sessions.
 *
 * Part of the PAM module. One file per user in a directory of root's on a
 * file system that a boot empties, a line per login: the process that opened
 * it and when that began. A login whose process is gone does not count,
 * however it ended, so nothing has to be repaired.
 */
#ifndef AWS_SESSION_MODULE_LOGINS_H
#define AWS_SESSION_MODULE_LOGINS_H

#include <stdbool.h>
#include <sys/types.h>

enum { LOGIN_SIZE = 80 };

/* A login as it stands in the file. */
struct login {
    char line[LOGIN_SIZE];
};

/*
 * Add a login of this process. Waits for the lock, for so many seconds.
 * Returns 0, or -1 with errno set.
 */
int logins_add(uid_t uid, unsigned seconds, struct login *login);

/*
 * Remove a login; if it was the last one, on_last is called while no other can
 * begin. Returns as logins_add.
 */
int logins_remove(uid_t uid, unsigned seconds, const struct login *login,
                  void (*on_last)(void *context), void *context);

#endif
