/*
 * aws-session export: print temporary credentials, for other programs.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "exit_status.h"

int
command_export(const struct options *options, struct report *report)
{
    (void)options;
    report_set(report, "export: not there yet");
    return EXIT_FAILED;
}
