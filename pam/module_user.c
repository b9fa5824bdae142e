/*
 * Whom a PAM handle is about: see module_user.h. Part of the PAM module.
 */
#include "module_user.h"

#include <errno.h>
#include <grp.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <syslog.h>

enum { STRINGS_FIRST = 1024, STRINGS_MOST = 1024 * 1024, GROUPS_FIRST = 64 };

static int
find_record(struct module_user *user, const char *name)
{
    for (size_t size = STRINGS_FIRST; size <= STRINGS_MOST; size *= 2) {
        struct passwd *found;
        int error;

        free(user->strings);
        user->strings = malloc(size);
        if (user->strings == NULL)
            return PAM_BUF_ERR;
        error = getpwnam_r(name, &user->record, user->strings, size, &found);
        if (error == ERANGE)
            continue;
        return error == 0 && found != NULL ? PAM_SUCCESS : PAM_USER_UNKNOWN;
    }
    return PAM_BUF_ERR;
}

static int
find_groups(struct module_user *user)
{
    int room = GROUPS_FIRST;

    for (int tries = 0; tries < 8; tries++) {
        gid_t *groups = reallocarray(user->groups, (size_t)room,
                                     sizeof(*groups));

        if (groups == NULL)
            return PAM_BUF_ERR;
        user->groups = groups;
        user->group_count = room;
        if (getgrouplist(user->record.pw_name, user->record.pw_gid, groups,
                         &user->group_count) >= 0)
            return PAM_SUCCESS;
        room = user->group_count > room ? user->group_count : room * 2;
    }
    return PAM_BUF_ERR;
}

int
module_user_find(struct module_user *user, pam_handle_t *pam)
{
    const char *name;
    int result;

    *user = (struct module_user){0};
    result = pam_get_user(pam, &name, NULL);
    if (result == PAM_SUCCESS)
        result = find_record(user, name);
    if (result == PAM_SUCCESS)
        result = find_groups(user);
    if (result == PAM_BUF_ERR)
        pam_syslog(pam, LOG_CRIT, "out of memory");
    return result;
}

void
module_user_free(struct module_user *user)
{
    free(user->strings);
    free(user->groups);
    *user = (struct module_user){0};
}
