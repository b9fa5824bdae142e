/*
 * aws-session refresh: print shell code that renews the session of a shell.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "exit_status.h"

int
command_refresh(const struct options *options, struct report *report)
{
    (void)options;
    report_set(report, "refresh: not there yet");
    return EXIT_FAILED;
}
