/*
 * aws-session exec: run a command with temporary credentials.
 *
 * Part of aws-session. We become the command: nothing of ours stays behind.
 */
#include "commands.h"
#include "environment.h"
#include "exit_status.h"
#include "login/runas.h"
#include "login/sudo_caller.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The search path of execvp(3) when PATH is not set. */
static const char default_path[] = "/bin:/usr/bin";

/* 0, or why a file cannot be executed. */
static int
check_file(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    return access(path, X_OK) == 0 ? 0 : errno;
}

/*
 * Look for a command as execvp(3) will: 0, or an errno value. It is done
 * before anything else, so that a typing error does not cost an MFA code.
 */
static int
check_command(const char *name)
{
    const char *path = getenv("PATH");
    int worst = ENOENT;

    if (strchr(name, '/') != NULL)
        return check_file(name);
    if (path == NULL)
        path = default_path;
    for (;;) {
        size_t length = strcspn(path, ":");
        char file[PATH_MAX];
        int error = ENAMETOOLONG;

        if (length + 1 + strlen(name) < sizeof(file)) {
            snprintf(file, sizeof(file), "%.*s%s%s", (int)length, path,
                     length > 0 ? "/" : "", name);
            error = check_file(file);
        }
        if (error == 0)
            return 0;
        if (error == EACCES)
            worst = EACCES;
        if (path[length] == '\0')
            return worst;
        path += length + 1;
    }
}

static int
report_command(const char *name, int error, struct report *report)
{
    report_set(report, "cannot run %.400s: %s", name, strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* Become the command. */
static int
start(const struct options *options, struct report *report)
{
    char **arguments = options->arguments;

    if (options->user != NULL)
        return runas_start(options->user, arguments, report);
    execvp(arguments[0], arguments);
    return report_command(arguments[0], errno, report);
}

int
command_exec(const struct options *options, struct report *report)
{
    char **arguments = options->arguments;
    struct profile profile = {0};
    struct session session = {0};
    int status, error;

    if (arguments[0] == NULL) {
        report_set(report, "exec needs a command: aws-session exec COMMAND "
                           "[ARGUMENT ...]");
        return EXIT_USAGE;
    }
    if (options->user != NULL && runas_check(options->user, report) != 0)
        return EXIT_FAILED;
    /* Another user's search path is not ours. */
    error = options->user == NULL || strchr(arguments[0], '/') != NULL
                ? check_command(arguments[0])
                : 0;
    if (error != 0)
        return report_command(arguments[0], error, report);
    status = sudo_caller_session(&options->session, &profile, &session,
                                 report);
    if (status == EXIT_DONE)
        status = environment_apply(&profile, &session, report) == 0
                     ? start(options, report)
                     : EXIT_FAILED;
    sudo_caller_hint(status, report);
    session_free(&session);
    profile_free(&profile);
    return status;
}
