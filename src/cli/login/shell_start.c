/*
 * Becoming a shell: see shell_start.h. Part of aws-session.
 */
#include "shell_start.h"

#include "exit_status.h"
#include "shell_hook.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a shell that gets no command will be interactive. */
static bool
is_interactive(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

int
shell_start(const char *path, bool login, char *const *arguments,
            struct report *report)
{
    const char *name = strrchr(path, '/') + 1;
    struct shell_hook hook;
    size_t count = 0;
    char zeroth[NAME_MAX + 2];
    char **argv;
    int error;

    while (arguments != NULL && arguments[count] != NULL)
        count++;
    argv = calloc(count + SHELL_HOOK_ARGUMENTS + 2, sizeof(*argv));
    if (argv == NULL) {
        report_set(report, "out of memory");
        return EXIT_FAILED;
    }
    snprintf(zeroth, sizeof(zeroth), "%s%s", login ? "-" : "", name);
    argv[0] = zeroth;
    if (arguments != NULL) {
        memcpy(argv + 1, arguments, count * sizeof(*argv));
    } else if (is_interactive()) {
        shell_hook_prepare(&hook, path, login);
        for (; count < hook.count; count++)
            argv[1 + count] = hook.arguments[count];
    }
    unsetenv("SHELL"); /* sudo -i passes it twice, and setenv sees one */
    setenv("SHELL", path, 1);
    execv(path, argv);
    error = errno;
    free(argv);
    report_set(report, "cannot run the shell %.400s: %s", path,
               strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
