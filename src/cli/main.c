/*
 * aws-session: temporary AWS credentials behind MFA, for a shell or command.
 *
 * Runs as the user. Never holds a stored parent key and never opens a
 * connection: aws-session-sign and aws-session-sts do.
 */
#include "debug.h"
#include "exit_status.h"
#include "options.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
    struct options options;
    struct report report = {""};
    int status;

    if (options_parse(&options, argc, argv, &report) != 0) {
        warn_line("%s", report.text);
        return EXIT_USAGE;
    }
    if (options.help) {
        options_print_help(&options);
        return EXIT_DONE;
    }
    if (options.version) {
        printf("aws-session %s\n", PACKAGE_VERSION);
        return EXIT_DONE;
    }
    if (options.debug)
        debug_enable();
    status = options.command->run(&options, &report);
    if (status != EXIT_DONE)
        warn_line("%s", report.text);
    return status;
}
