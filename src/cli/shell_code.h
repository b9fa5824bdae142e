/*
 * Code for a shell to eval, and the quoting that makes it safe.
 *
 * Part of aws-session. Values may hold anything: a name of a profile is the
 * user's, a session token AWS's. Code is kept in a struct secret, since it
 * holds credentials.
 */
#ifndef AWS_SESSION_SHELL_CODE_H
#define AWS_SESSION_SHELL_CODE_H

#include "secret.h"

enum shell_kind {
    SHELL_POSIX, /* sh, bash, zsh, ksh, dash */
    SHELL_FISH
};

/*
 * The kind of a shell by its name (bash, zsh, sh, fish). Returns 0, or -1 for
 * any other.
 */
int shell_code_kind(const char *name, enum shell_kind *kind);

/*
 * Add a line that sets and exports a variable, or removes it (value NULL).
 * Each line ends in ";" and a newline, so that code survives an eval that
 * lost its quotes. A variable whose name no shell can have is left out.
 * Returns 0, or -1 with errno set.
 */
int shell_code_variable(struct secret *code, enum shell_kind kind,
                        const char *name, const char *value);

/*
 * Add text as one word. It is quoted only where it has to be, as a value of
 * AWS never has. Returns 0, or -1 with errno set.
 */
int shell_code_word(struct secret *code, enum shell_kind kind,
                    const char *text);

#endif
