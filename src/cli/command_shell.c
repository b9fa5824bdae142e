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
    int status = EXIT_FAILED;

    if (session_get(&options->session, &profile, &session, report) == 0 &&
        environment_apply(&profile, &session, report) == 0)
        status = shell_start(shell, false, NULL, report);
    session_free(&session);
    profile_free(&profile);
    return status;
}
