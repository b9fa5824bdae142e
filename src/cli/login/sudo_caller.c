/*
 * The person who called sudo: see sudo_caller.h. Part of aws-session.
 */
#include "sudo_caller.h"

#include "debug.h"
#include "descriptors.h"
#include "session_child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char variable[] = "SUDO_UID";

/* Find the person. *user is NULL if there is none: no sudo, or root itself
 * called it. Returns 0, or -1 with the report filled. */
static int
find_caller(const struct passwd **user, struct report *report)
{
    const char *text = getenv(variable);
    unsigned long uid;
    char *end;

    *user = NULL;
    if (getuid() != 0 || text == NULL || text[0] == '\0')
        return 0;
    errno = 0;
    uid = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
        uid == 0)
        return 0;
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
        uid < (uid_t)-1)
        *user = getpwuid((uid_t)uid);
    if (*user != NULL)
        return 0;
    return report_set(report,
                      "%s is '%.40s', which is no user of this machine: unset "
                      "it to use root's own keys",
                      variable, text);
}

enum exit_status
sudo_caller_session(const struct session_options *options,
                    struct profile *profile, struct session *session,
                    struct report *report)
{
    struct session_child child = {0};
    enum exit_status status;

    if (find_caller(&child.user, report) != 0)
        return EXIT_FAILED;
    if (child.user == NULL)
        return session_get(options, profile, session, report);
    debug_log("sudo: keys and sessions of %s", child.user->pw_name);
    status = session_child_get(&child, options, profile, session, report);
    /* It is in the caller's files, not in those of whom the command runs as:
     * the AWS CLI fails on a profile that it does not find. */
    profile->in_files = false;
    return status;
}

void
sudo_caller_hint(enum exit_status status, struct report *report)
{
    char text[REPORT_SIZE];
    const struct passwd *user;

    if (status != EXIT_NO_KEY || getuid() == 0 || getenv(variable) == NULL)
        return;
    user = getpwuid(getuid());
    if (user == NULL)
        return;
    memcpy(text, report->text, sizeof(text));
    report_set(report,
               "%.700s; to use your own key here: sudo aws-session --user %s "
               "exec COMMAND",
               text, user->pw_name);
}

int
sudo_caller_become(struct report *report)
{
    const struct passwd *user;

    if (find_caller(&user, report) != 0)
        return -1;
    if (user == NULL)
        return 0;
    debug_log("sudo: keys and sessions of %s", user->pw_name);
    /* What root has open is not for the caller's mfa_process. */
    descriptors_close_from(STDERR_FILENO + 1);
    return session_child_become(user, report);
}
