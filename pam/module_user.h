/*
 * The user whom a PAM handle is about, with all that a child needs to become
 * them: looked up before it is forked, since the host may have threads.
 *
 * Part of the PAM module.
 */
#ifndef AWS_SESSION_MODULE_USER_H
#define AWS_SESSION_MODULE_USER_H

#include <pwd.h>
#include <security/pam_modules.h>

struct module_user {
    struct passwd record;
    char *strings; /* of the record */
    gid_t *groups;
    int group_count;
};

/*
 * Look the user up. Returns PAM_SUCCESS, PAM_USER_UNKNOWN, or what PAM said;
 * freed by the caller in any case.
 */
int module_user_find(struct module_user *user, pam_handle_t *pam);

/* Takes an empty one. */
void module_user_free(struct module_user *user);

#endif
