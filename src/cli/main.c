/*
 * aws-session: temporary AWS credentials behind MFA, for a shell or command.
 *
 * Runs as the user. Never holds a stored parent key and never opens a
 * connection: aws-session-sign and aws-session-sts do.
 */
#include "debug.h"
#include "exit_status.h"
#include "options.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/*
 * Whoever started us with a closed descriptor 0 to 2 would get our lines into
 * the next file or socket that we open. The placeholders close themselves
 * when we become the command.
 */
static void
fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1)
            (void)!open("/dev/null", O_RDWR | O_CLOEXEC);
}

int
main(int argc, char **argv)
{
    struct options options;
    struct report report = {""};
    int status;

    fill_standard_descriptors();
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
