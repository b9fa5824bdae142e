/*
 * Becoming another user for good: see user_ids.h.
 */
#include "user_ids.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

int
user_ids_drop(uid_t uid, gid_t gid)
{
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;

    if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0 ||
        getresuid(&real, &effective, &saved) != 0 ||
        getresgid(&real_group, &effective_group, &saved_group) != 0)
        return -1;
    errno = EPERM;
    if (real != uid || effective != uid || saved != uid || real_group != gid ||
        effective_group != gid || saved_group != gid)
        return -1;
    /* A capability that has survived would bring the ids back. */
    if (uid != 0 && setuid(0) == 0)
        return -1;
    /* A change of ids sets this to fs.suid_dumpable, which may be 1: then the
     * user could read in this process what it has from root. */
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
