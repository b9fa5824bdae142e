/*
 * aws-session shell: the user's real shell with temporary credentials.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "debug.h"
#include "environment.h"
#include "exit_status.h"
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
    char *account;

    user_shells_add(shells, getenv("SHELL"));
    if (user_config_load(&own, &report) != 0)
        debug_log("%s", report.text);
    else if (user_shell_is_listed(own.shell))
        user_shells_add(shells, own.shell);
    if (policy_load(&policy, &report) == 0)
        user_shells_add(shells, policy.shell);
    account = user_shell_of_account();
    user_shells_add(shells, account);
    free(account);
    user_shells_add_last(shells);
}

int
command_shell(const struct options *options, struct report *report)
{
    struct user_shells shells = {0};
    struct profile profile = {0};
    struct session session = {0};
    int status;

    choose_shells(&shells);
    status = session_get(&options->session, &profile, &session, report);
    if (status == EXIT_DONE)
        status = environment_apply(&profile, &session, report) == 0
                     ? user_shells_start(&shells, false, NULL, true, report)
                     : EXIT_FAILED;
    user_shells_free(&shells);
    session_free(&session);
    profile_free(&profile);
    return status;
}
