/*
 * Which services use a PAM module, and what stands before it.
 *
 * Part of aws-session. Reads /etc/pam.d as libpam does (pam.conf(5)):
 * comments, lines that go on after a backslash, include, substack, @include.
 * Files that others wrote: each limit below ends in a sentence, never in a
 * hang.
 */
#ifndef AWS_SESSION_PAM_STACK_H
#define AWS_SESSION_PAM_STACK_H

#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    PAM_FILES_MAX = 256,       /* that are read at all */
    PAM_FILE_MAX = 256 * 1024, /* bytes */
    PAM_DEPTH_MAX = 16,        /* of includes in includes */
    PAM_STEPS_MAX = 512,       /* includes that one service follows */
    PAM_PATH_SIZE = 256
};

/* A line of a file; line 0: none. */
struct pam_place {
    char path[PAM_PATH_SIZE];
    unsigned line;
};

/* A service that uses the module. */
struct pam_stack {
    char path[PAM_PATH_SIZE];   /* the service's own file */
    char module[PAM_PATH_SIZE]; /* as it is written: a name or a path */
    struct pam_place use;       /* the first line with the module */
    struct pam_place session;   /* the first one of the session stack */
    struct pam_place before;    /* of the module that has to stand before */
    bool is_before;             /* it stands there, and before */
    struct pam_place loose;     /* a file that not only the owner can write */
    struct pam_place trouble;   /* where the reading went wrong */
    struct report why;          /* what is wrong there, "" if nothing */
};

/* All zero is none. */
struct pam_stacks {
    struct pam_stack *stacks;
    size_t count;
    struct pam_place hidden; /* a service that we may not read, if any */
    struct pam_file *files;  /* private to pam_stack.c */
    size_t file_count;
};

/* Where and what to look for. */
struct pam_search {
    const char *directory; /* /etc/pam.d: whose services count */
    const char *vendor;    /* where a file that is not there may be, or NULL */
    const char *module;    /* by its file name */
    const char *before;    /* the module that should stand before it */
    uid_t owner;           /* whom the files have to belong to */
};

/*
 * Find the services whose stacks use the module, directly or by a file that
 * they include. A file that others include is no service of its own, unless
 * it is su of su-l. Returns 0, or -1 with the report filled: the directory
 * cannot be read, no memory. What is wrong in one file is told in the stacks
 * that use it.
 */
int pam_stacks_find(struct pam_stacks *stacks, const struct pam_search *search,
                    struct report *report);

/* Free. Takes none. */
void pam_stacks_free(struct pam_stacks *stacks);

#endif
