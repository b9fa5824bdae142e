/*
 * aws-session shell: the user's real shell with temporary credentials.
 *
 * Part of aws-session. We become the shell: no terminal in between, nothing
 * of ours stays behind.
 */
#include "commands.h"
#include "environment.h"
#include "exit_status.h"
#include "user_shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
command_shell(const struct options *options, struct report *report)
{
    const char *shell = user_shell_path();
    struct profile profile = {0};
    struct session session = {0};
    int status = EXIT_FAILED;

    if (session_get(&options->session, &profile, &session, report) == 0 &&
        environment_apply(&profile, &session, report) == 0) {
        setenv("SHELL", shell, 1);
        execl(shell, strrchr(shell, '/') + 1, (char *)NULL);
        report_set(report, "cannot run the shell %.400s: %s", shell,
                   strerror(errno));
        status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    }
    session_free(&session);
    profile_free(&profile);
    return status;
}
