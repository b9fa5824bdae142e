/*
 * From exit statuses to PAM codes: see module_outcome.h. Part of the PAM
 * module.
 */
#include "module_outcome.h"

#include "cli/exit_status.h"

static const struct outcome outcomes[] = {
    {EXIT_DONE, PAM_SUCCESS, NULL},
    {EXIT_NO_KEY, PAM_USER_UNKNOWN,
     "There is no AWS access key for you on this machine."},
    {EXIT_WRONG_CODE, PAM_AUTH_ERR,
     "AWS refused the MFA code. Each works once: wait for the next one."},
    {EXIT_UNREACHABLE, PAM_AUTHINFO_UNAVAIL,
     "AWS cannot be reached, so the MFA code could not be checked."},
    {EXIT_NOBODY_ASKED, PAM_PERM_DENIED, "There is no AWS session."},
    {EXIT_FAILED, PAM_CRED_INSUFFICIENT,
     "No AWS session could be had. The log of this machine says why."},
    {CHILD_TIMED_OUT, PAM_AUTHINFO_UNAVAIL,
     "AWS does not answer, so the MFA code could not be checked."},
    /* Killed, not installed, not to be started, or of another version. */
    {CHILD_KILLED, PAM_SYSTEM_ERR,
     "aws-session cannot be run. The log of this machine says why."},
};

const struct outcome *
outcome_find(int status)
{
    const size_t last = sizeof(outcomes) / sizeof(outcomes[0]) - 1;

    for (size_t i = 0; i < last; i++)
        if (outcomes[i].status == status)
            return &outcomes[i];
    return &outcomes[last];
}
