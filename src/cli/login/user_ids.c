/*
 * Becoming another user for good: see user_ids.h.
 */
#include "user_ids.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the session keyring is that of a login of the user's: keyctl(2)
 * says "keyring;UID;GID;PERM;NAME" of it. */
static bool
has_own_keyring(uid_t uid)
{
    static const char type[] = "keyring;";
    char text[256] = "";

    return syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text,
                   sizeof(text) - 1) > 0 &&
           strncmp(text, type, strlen(type)) == 0 &&
           strtoul(text + strlen(type), NULL, 10) == uid;
}

/*
 * Who has a session keyring possesses what it links to, whatever the ids are:
 * all keys and sessions of the one who logged in. An empty one takes its
 * place, made before the ids change, since the user's quota may be used up.
 * A kernel or a sandbox without keyrings has none to leave.
 */
static int
leave_keyring(void)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
        return 0;
    return errno == ENOSYS || errno == EPERM ? 0 : -1;
}

int
user_ids_drop(uid_t uid, gid_t gid)
{
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    bool has_keyring = has_own_keyring(uid);

    if ((!has_keyring && leave_keyring() != 0) ||
        setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0 ||
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
    /* As pam_keyinit(8) does; where it is not possible it is not needed. */
    if (!has_keyring)
        (void)syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING,
                      KEY_SPEC_SESSION_KEYRING);
    /* A change of ids sets this to fs.suid_dumpable, which may be 1: then the
     * user could read in this process what it has from root. */
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
