/*
 * aws-session: temporary AWS credentials behind MFA, for a shell or command.
 *
 * Runs as the user. Never holds a stored parent key and never opens a
 * connection: aws-session-sign and aws-session-sts do.
 */
#include "debug.h"
#include "exit_status.h"
#include "login/login.h"
#include "login/sudo_caller.h"
#include "options.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* What was asked for and did not arrive, as on a full disk, is a failure. */
static int
finish_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_DONE;
    warn_line("cannot write to standard output: %s", strerror(errno));
    return EXIT_FAILED;
}

int
main(int argc, char **argv)
{
    struct options options;
    struct report report = {""};
    struct login login;
    int status;

    fill_standard_descriptors();
    if (login_recognize(&login, argc, argv)) {
        status = login_run(&login, &report);
        warn_line("%s", report.text);
        return status;
    }
    if (options_parse(&options, argc, argv, &report) != 0) {
        warn_line("%s", report.text);
        return EXIT_USAGE;
    }
    if (options.help) {
        options_print_help(&options);
        return finish_output();
    }
    if (options.version) {
        printf("aws-session %s\n", PACKAGE_VERSION);
        return finish_output();
    }
    if (options.debug)
        debug_enable();
    if (options.session.no_prompt)
        terminal_forbid();
    status = EXIT_FAILED;
    if (options_keep_ids(&options) || sudo_caller_become(&report) == 0)
        status = options.command->run(&options, &report);
    if (status != EXIT_DONE)
        warn_line("%s", report.text);
    return status;
}
