/*
 * aws-session provision-mfa: make and enable a virtual MFA device.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "mfa/provision.h"

int
command_provision_mfa(const struct options *options, struct report *report)
{
    return provision_run(&options->session, options->arguments[0],
                         options->text, report);
}
