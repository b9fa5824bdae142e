/*
 * --user: see runas.h. Part of aws-session.
 */
#include "runas.h"

#include "exit_status.h"
#include "helper.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
runas_check(const char *user, struct report *report)
{
    if (getuid() != 0 || geteuid() != 0)
        return report_set(report,
                          "--user is for root: sudo aws-session --user %.100s "
                          "uses your own key and runs the command as %.100s",
                          user, user);
    if (getpwnam(user) == NULL)
        return report_set(report, "there is no user '%.100s'", user);
    return 0;
}

int
runas_start(const char *user, char *const *arguments, struct report *report)
{
    size_t count = 0;
    char **argv;

    while (arguments != NULL && arguments[count] != NULL)
        count++;
    argv = calloc(count + 3, sizeof(*argv));
    if (argv == NULL) {
        report_set(report, "out of memory");
        return EXIT_FAILED;
    }
    argv[0] = (char *)(uintptr_t)runas_path;
    argv[1] = (char *)(uintptr_t)user;
    if (count > 0)
        memcpy(argv + 2, arguments, count * sizeof(*argv));
    execv(runas_path, argv);
    report_set(report, "cannot start %s: %s; install aws-session again",
               runas_path, strerror(errno));
    free(argv);
    return EXIT_FAILED;
}
