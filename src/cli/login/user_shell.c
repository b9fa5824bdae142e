/*
 * The user's shell: see user_shell.h. Part of aws-session.
 */
#include "user_shell.h"

#include "debug.h"
#include "exit_status.h"
#include "shell_start.h"
#include "user_config.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char own_name[] = "aws-session";

bool
user_shell_is_ours(const char *path)
{
    const char *name = strrchr(path, '/');
    struct stat file, own;

    /* This program, or another aws-session. */
    name = name != NULL ? name + 1 : path;
    return strncmp(name, own_name, strlen(own_name)) == 0 ||
           (stat(path, &file) == 0 && stat("/proc/self/exe", &own) == 0 &&
            own.st_ino == file.st_ino && own.st_dev == file.st_dev);
}

/* A login shell wrapper that SHELL still names would start itself for ever. */
static bool
is_shell(const char *path)
{
    struct stat file;

    return path != NULL && path[0] == '/' && access(path, X_OK) == 0 &&
           stat(path, &file) == 0 && S_ISREG(file.st_mode) &&
           !user_shell_is_ours(path);
}

bool
user_shells_add(struct user_shells *shells, const char *path)
{
    if (!is_shell(path))
        return false;
    for (size_t i = 0; i < shells->count; i++)
        if (strcmp(shells->paths[i], path) == 0)
            return true;
    if (shells->count == USER_SHELLS_MAX)
        return false;
    shells->paths[shells->count] = strdup(path);
    if (shells->paths[shells->count] == NULL)
        return false;
    shells->count++;
    return true;
}

bool
user_shells_add_named(struct user_shells *shells, const char *name)
{
    const char *path;
    bool found = false;

    if (name == NULL)
        return false;
    setusershell();
    while (!found && (path = getusershell()) != NULL) {
        const char *slash = strrchr(path, '/');

        found = slash != NULL && strcmp(slash + 1, name) == 0 &&
                user_shells_add(shells, path);
    }
    endusershell();
    return found;
}

char *
user_shell_of_account(void)
{
    const struct passwd *user = getpwuid(getuid());

    return user != NULL && user->pw_shell != NULL ? strdup(user->pw_shell)
                                                  : NULL;
}

void
user_shells_add_account(struct user_shells *shells)
{
    char *path = user_shell_of_account();

    user_shells_add(shells, path);
    free(path);
}

void
user_shells_add_last(struct user_shells *shells)
{
    user_shells_add(shells, "/bin/bash");
    user_shells_add(shells, "/bin/sh");
}

void
user_shells_find(struct user_shells *shells)
{
    struct report report = {""};
    struct user_config own;
    struct policy policy;

    user_shells_add(shells, getenv("SHELL"));
    if (user_config_load(&own, &report) != 0)
        debug_log("%s", report.text);
    else if (user_shell_is_listed(own.shell))
        user_shells_add(shells, own.shell);
    if (policy_load(&policy, &report) == 0)
        user_shells_add(shells, policy.shell);
    user_shells_add_account(shells);
    user_shells_add_last(shells);
}

int
user_shells_start(const struct user_shells *shells, bool login,
                  char *const *arguments, bool loud, struct report *report)
{
    int status = EXIT_NOT_FOUND;

    report_set(report, "there is no shell to run, not even /bin/sh");
    for (size_t i = 0; i < shells->count; i++) {
        status = shell_start(shells->paths[i], login, arguments, report);
        if (loud && i + 1 < shells->count)
            warn_line("%s; taking %s", report->text, shells->paths[i + 1]);
    }
    return status;
}

void
user_shells_free(struct user_shells *shells)
{
    for (size_t i = 0; i < shells->count; i++)
        free(shells->paths[i]);
    *shells = (struct user_shells){0};
}

bool
user_shell_is_listed(const char *path)
{
    const char *listed;
    bool found = false;

    setusershell();
    while (!found && (listed = getusershell()) != NULL)
        found = strcmp(listed, path) == 0;
    endusershell();
    return found;
}
