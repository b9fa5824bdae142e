/*
 * The lines of a file in /etc/pam.d.
 *
 * Part of aws-session. Pure; private to pam_stack.c and its tests. Follows
 * pam.conf(5).
 */
#ifndef AWS_SESSION_PAM_LINE_H
#define AWS_SESSION_PAM_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { PAM_LINE_SIZE = 1024 }; /* what is longer is cut */

/* The management groups, as bits. */
enum pam_type {
    PAM_AUTH = 1,
    PAM_ACCOUNT = 2,
    PAM_PASSWORD = 4,
    PAM_SESSION = 8,
    PAM_ALL = 15
};

enum pam_action { PAM_MODULE, PAM_INCLUDE };

struct pam_line {
    char text[PAM_LINE_SIZE];
    unsigned number;        /* of its first line in the file, from 1 */
    unsigned types;         /* enum pam_type, as a set */
    enum pam_action action; /* include, substack and @include are one */
    const char *target;     /* a module or a file; points into text */
};

/* A place in a text. */
struct pam_cursor {
    const char *next;
    const char *end;
    unsigned number; /* of lines that were read */
};

/*
 * Read the next line that says something; what libpam would not understand is
 * passed over. False at the end.
 */
bool pam_line_next(struct pam_cursor *cursor, struct pam_line *line);

#endif
