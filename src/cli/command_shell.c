/*
 * aws-session shell: the user's real shell with temporary credentials.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "environment.h"
#include "exit_status.h"
#include "login/runas.h"
#include "login/sudo_caller.h"
#include "login/user_shell.h"

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
    user_shells_find(&shells);
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
