/*
 * The user's shell: see user_shell.h. Part of aws-session.
 */
#include "user_shell.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char own_name[] = "aws-session";

/* A login shell wrapper that SHELL still names would start itself for ever,
 * whatever name or link it goes by: this program, or another aws-session. */
static bool
is_shell(const char *path)
{
    struct stat file, own;
    const char *name;

    if (path == NULL || path[0] != '/' || access(path, X_OK) != 0 ||
        stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return false;
    if (stat("/proc/self/exe", &own) == 0 && own.st_ino == file.st_ino &&
        own.st_dev == file.st_dev)
        return false;
    name = strrchr(path, '/') + 1;
    return strncmp(name, own_name, strlen(own_name)) != 0;
}

const char *
user_shell_path(void)
{
    const char *shell = getenv("SHELL");
    const struct passwd *user;

    if (is_shell(shell))
        return shell;
    user = getpwuid(getuid());
    if (user != NULL && is_shell(user->pw_shell))
        return user->pw_shell;
    return "/bin/sh";
}
