/*
 * aws-session shell: the user's real shell with temporary credentials.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "environment.h"
#include "exit_status.h"
#include "shell_start.h"
#include "user_shell.h"

int
command_shell(const struct options *options, struct report *report)
{
    const char *shell = user_shell_path();
    struct profile profile = {0};
    struct session session = {0};
    int status;

    status = session_get(&options->session, &profile, &session, report);
    if (status == EXIT_DONE)
        status = environment_apply(&profile, &session, report) == 0
                     ? shell_start(shell, false, NULL, report)
                     : EXIT_FAILED;
    session_free(&session);
    profile_free(&profile);
    return status;
}
