/*
 * Our hooks in a shell: see shell_hook.h. Part of aws-session.
 */
#include "shell_hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path of a hook; false if it cannot be read. */
static bool
find_file(const char *name, char *path)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", hook_dir, name);

    return length > 0 && length < PATH_MAX && access(path, R_OK) == 0;
}

/* Give a variable another value and keep what it was in a second one, for the
 * hook: '=' and its value, or nothing if it was not set. */
static void
lend(const char *name, const char *kept, const char *value)
{
    const char *before = getenv(name);
    char *text = NULL;

    if (before == NULL)
        setenv(kept, "", 1);
    else if (asprintf(&text, "=%s", before) > 0)
        setenv(kept, text, 1);
    free(text);
    setenv(name, value, 1);
}

/*
 * bash takes an rc file by option, in the place of ~/.bashrc only; the
 * system's, where bash has one built in, it reads as ever. A login shell takes
 * none. But in POSIX mode it reads $ENV and nothing else, and the file that it
 * finds there leaves that mode and reads what a login shell reads. So it has
 * the last word; a hook that was handed over in PROMPT_COMMAND would be lost
 * to the first file that sets it. The price: bash takes over no function of
 * the environment whose name is no identifier.
 */
static void
prepare_bash(struct shell_hook *hook, bool login)
{
    char file[PATH_MAX];

    /* bash with POSIX mode on from the start would read no rc file. */
    if (getenv("POSIXLY_CORRECT") != NULL || !find_file("start.bash", file))
        return;
    if (login) {
        setenv("POSIXLY_CORRECT", "y", 1);
        lend("ENV", "_AWS_SESSION_ENV", file);
        return;
    }
    snprintf(hook->arguments[0], SHELL_HOOK_SIZE, "--rcfile");
    snprintf(hook->arguments[1], SHELL_HOOK_SIZE, "%s", file);
    hook->count = 2;
}

/* zsh looks for .zshenv in ZDOTDIR: ours gives the variable back at once. */
static void
prepare_zsh(struct shell_hook *hook, bool login)
{
    char file[PATH_MAX];

    (void)hook;
    (void)login;
    if (!find_file("zsh/.zshenv", file))
        return;
    *strrchr(file, '/') = '\0';
    lend("ZDOTDIR", "_AWS_SESSION_ZDOTDIR", file);
}

/* fish runs a command after its files. */
static void
prepare_fish(struct shell_hook *hook, bool login)
{
    char *text = hook->arguments[0];
    char file[PATH_MAX];
    size_t used;

    (void)login;
    if (!find_file("hook.fish", file))
        return;
    used = (size_t)snprintf(text, SHELL_HOOK_SIZE, "--init-command=source '");
    for (const char *c = file; *c != '\0'; c++) {
        if (used + 4 > SHELL_HOOK_SIZE)
            return;
        if (*c == '\'' || *c == '\\')
            text[used++] = '\\';
        text[used++] = *c;
    }
    snprintf(text + used, SHELL_HOOK_SIZE - used, "'");
    hook->count = 1;
}

/* A POSIX shell reads $ENV if it is interactive, a login shell too. */
static void
prepare_sh(struct shell_hook *hook, bool login)
{
    char file[PATH_MAX];

    (void)hook;
    (void)login;
    if (find_file("hook.sh", file))
        lend("ENV", "_AWS_SESSION_ENV", file);
}

static const struct {
    const char *name;
    void (*prepare)(struct shell_hook *hook, bool login);
} shells[] = {
    {"bash", prepare_bash}, {"zsh", prepare_zsh},  {"fish", prepare_fish},
    {"sh", prepare_sh},     {"ash", prepare_sh},   {"dash", prepare_sh},
    {"ksh", prepare_sh},    {"ksh93", prepare_sh}, {"mksh", prepare_sh},
};

/* The hook calls the program that made the session, wherever it lies. */
static void
name_program(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0)
        return;
    path[length] = '\0';
    setenv("AWS_SESSION_PROGRAM", path, 1);
}

void
shell_hook_prepare(struct shell_hook *hook, const char *path, bool login)
{
    const char *name = strrchr(path, '/') + 1;

    hook->count = 0;
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(name, shells[i].name) == 0) {
            name_program();
            shells[i].prepare(hook, login);
        }
    }
}
