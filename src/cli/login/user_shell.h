/*
 * The real shell of the user, never aws-session itself.
 *
 * Part of aws-session. A list, since the first of them may be missing or
 * broken, and nobody is locked out by that.
 */
#ifndef AWS_SESSION_USER_SHELL_H
#define AWS_SESSION_USER_SHELL_H

#include "report.h"

#include <stdbool.h>
#include <stddef.h>

enum { USER_SHELLS_MAX = 8 };

/* Shells, best first. All zero is none. */
struct user_shells {
    char *paths[USER_SHELLS_MAX]; /* owned */
    size_t count;
};

/*
 * Add one at the end. Nothing is added for NULL, for what is no absolute path
 * of an executable file, for aws-session under whatever name, and for one that
 * is in the list already. Returns whether it is in the list now.
 */
bool user_shells_add(struct user_shells *shells, const char *path);

/* Add the first of /etc/shells with that base name; NULL adds nothing. Returns
 * whether there is one. */
bool user_shells_add_named(struct user_shells *shells, const char *name);

/* The shell of the user database: a copy that the caller frees, NULL for
 * none. May hang with a directory service. */
char *user_shell_of_account(void);

/* Add that one. */
void user_shells_add_account(struct user_shells *shells);

/* Add what is there always: bash, else sh. */
void user_shells_add_last(struct user_shells *shells);

/*
 * Find what "aws-session shell" would start: as for a login (login.c), but the
 * shell that SHELL names comes first. May hang with the home directory or a
 * directory service.
 */
void user_shells_find(struct user_shells *shells);

/*
 * Become the first of them that can be run; see shell_start.h for login and
 * arguments. loud: a line on standard error for each that cannot. Returns an
 * exit status with the report filled if none can.
 */
int user_shells_start(const struct user_shells *shells, bool login,
                      char *const *arguments, bool loud,
                      struct report *report);

void user_shells_free(struct user_shells *shells);

/* Whether /etc/shells (shells(5)) has the path. */
bool user_shell_is_listed(const char *path);

/* Whether a path is that of aws-session, under whatever name. */
bool user_shell_is_ours(const char *path);

#endif
