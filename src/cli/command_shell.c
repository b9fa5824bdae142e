/*
 * aws-session shell: the user's real shell with temporary credentials.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "debug.h"
#include "environment.h"
#include "exit_status.h"
#include "runas.h"
#include "sudo_caller.h"
#include "user_config.h"
#include "user_shell.h"

#include <stdlib.h>

/* As for a login, see login.c, but the shell that SHELL names comes first. */
static void
choose_shells(struct user_shells *shells)
{
    struct report report = {""};
    struct user_config own;
    struct policy policy;

    user_shells_add(shells, getenv("SHELL"));
    if (user_config_load(&own, &report) != 0)
        debug_log("%s", report.text);
    else if (user_shell_is_listed(own.shell))
        user_shells_add(shells, own.shell);
    if (policy_load(&policy, &report) == 0)
        user_shells_add(shells, policy.shell);
    user_shells_add_account(shells);
    user_shells_add_last(shells);
}

static int
start(const char *user, const struct user_shells *shells,
      struct report *report)
{
    return user != NULL ? runas_start(user, NULL, report)
                        : user_shells_start(shells, false, NULL, true, report);
}

int
command_shell(const struct options *options, struct report *report)
{
    struct user_shells shells = {0};
    struct profile profile = {0};
    struct session session = {0};
    int status;

    if (options->user != NULL && runas_check(options->user, report) != 0)
        return EXIT_FAILED;
    choose_shells(&shells);
    status = sudo_caller_session(&options->session, &profile, &session,
                                 report);
    if (status == EXIT_DONE)
        status = environment_apply(&profile, &session, report) == 0
                     ? start(options->user, &shells, report)
                     : EXIT_FAILED;
    sudo_caller_hint(status, report);
    user_shells_free(&shells);
    session_free(&session);
    profile_free(&profile);
    return status;
}
