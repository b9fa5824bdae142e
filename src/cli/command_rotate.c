/*
 * aws-session rotate: a new access key in the place of the stored one.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "keys/rotation.h"

int
command_rotate(const struct options *options, struct report *report)
{
    return rotation_run(&options->session, options->force, report);
}
