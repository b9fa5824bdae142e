/*
 * Becoming a shell: see shell_start.h. Part of aws-session.
 */
#include "shell_start.h"

#include "exit_status.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
shell_start(const char *path, bool login, char *const *arguments,
            struct report *report)
{
    const char *name = strrchr(path, '/') + 1;
    size_t count = 0;
    char zeroth[NAME_MAX + 2], **argv;
    int error;

    while (arguments != NULL && arguments[count] != NULL)
        count++;
    argv = calloc(count + 2, sizeof(*argv));
    if (argv == NULL) {
        report_set(report, "out of memory");
        return EXIT_FAILED;
    }
    snprintf(zeroth, sizeof(zeroth), "%s%s", login ? "-" : "", name);
    argv[0] = zeroth;
    if (count > 0)
        memcpy(argv + 1, arguments, count * sizeof(*argv));
    unsetenv("SHELL"); /* sudo -i passes it twice, and setenv sees one */
    setenv("SHELL", path, 1);
    execv(path, argv);
    error = errno;
    free(argv);
    report_set(report, "cannot run the shell %.400s: %s", path,
               strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
