/*
 * Becoming another user for good.
 *
 * Part of aws-session, of aws-session-runas and of the PAM module. No report
 * and nothing but system calls: the module calls this in a child that it
 * forked in a process with threads.
 */
#ifndef AWS_SESSION_USER_IDS_H
#define AWS_SESSION_USER_IDS_H

#include <sys/types.h>

/*
 * Set the real, effective and saved ids, and see that they are what was asked
 * for and that there is no way back. The groups are the caller's business,
 * before. A session keyring that is not the user's is left for an empty one.
 * Returns 0, or -1 with errno set: the process is then in between and may do
 * nothing but end.
 */
int user_ids_drop(uid_t uid, gid_t gid);

#endif
