/*
 * Our hooks in the shell that we become: the arguments and variables with
 * which each kind of shell reads its own files and then ours.
 *
 * Part of aws-session. The files are those of shell/; nothing is generated,
 * nothing is written to the home directory.
 */
#ifndef AWS_SESSION_SHELL_HOOK_H
#define AWS_SESSION_SHELL_HOOK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Where the hooks are installed (helper_path.c). */
extern const char hook_dir[];

enum { SHELL_HOOK_ARGUMENTS = 2, SHELL_HOOK_SIZE = PATH_MAX + 64 };

/* The arguments that follow argv[0]. */
struct shell_hook {
    size_t count;
    char arguments[SHELL_HOOK_ARGUMENTS][SHELL_HOOK_SIZE];
};

/*
 * Prepare the start of the interactive shell at path with our hook: fill the
 * arguments that follow argv[0] and set variables in our environment, which
 * the shell takes away again. login: argv[0] will begin with '-'. A shell that
 * we do not know, and one whose hook is missing, gets no argument and no
 * variable: it starts as if we were not there.
 */
void shell_hook_prepare(struct shell_hook *hook, const char *path, bool login);

#endif
