/*
 * Where MFA codes come from: --code or its variable, one line of standard
 * input for "-", the profile's mfa_process, the person at the terminal; the
 * first that is there.
 *
 * Part of aws-session. Standard input is touched for "-" alone.
 */
#ifndef AWS_SESSION_MFA_SOURCE_H
#define AWS_SESSION_MFA_SOURCE_H

#include "exit_status.h"
#include "report.h"
#include "secret.h"

#include <stdbool.h>

/* All zero is the terminal. */
struct mfa_source {
    const char *given;   /* NULL for none; not owned */
    struct secret input; /* the line of standard input, if given is that */
    const char *process; /* mfa_process, NULL for none; not owned */
    const char *process_place; /* for reports; not owned */
};

/*
 * Begin with what --code said, NULL for nothing. With "-" the line is read
 * now, whether a code will be needed or not: what the command finds on its
 * standard input must not depend on that. Returns 0, or -1 with the report
 * filled: a terminal, no line, or one that is not six digits.
 */
int mfa_source_begin(struct mfa_source *source, const char *code,
                     struct report *report);

/*
 * Check before any work is done whether a code can be had at all: one that
 * was given must be six digits (else EXIT_WRONG_CODE), without any source
 * there must be somebody to ask (else EXIT_NOBODY_ASKED). Returns EXIT_DONE,
 * or one of these with the report filled.
 */
enum exit_status mfa_source_check(const struct mfa_source *source,
                                  struct report *report);

/* Whether somebody at our terminal may have to do something for the code. */
bool mfa_source_needs_person(const struct mfa_source *source);

/* Wipe. Takes an empty one. */
void mfa_source_end(struct mfa_source *source);

#endif
