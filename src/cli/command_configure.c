/*
 * aws-session configure: write credential_process into a profile.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "exit_status.h"

int
command_configure(const struct options *options, struct report *report)
{
    (void)options;
    report_set(report, "configure: not there yet");
    return EXIT_FAILED;
}
