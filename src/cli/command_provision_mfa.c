/*
 * aws-session provision-mfa: make and enable a virtual MFA device.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "exit_status.h"

int
command_provision_mfa(const struct options *options, struct report *report)
{
    (void)options;
    report_set(report, "provision_mfa: not there yet");
    return EXIT_FAILED;
}
