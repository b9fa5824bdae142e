/*
 * The MFA code: step 4 of the way of a session.
 *
 * Part of aws-session. From --code, its variable, or the person at the
 * terminal, checked for its shape before anything is sent, and never taken
 * twice: AWS accepts a code once per device (IAM User Guide, "MFA device
 * codes"; 30-second steps of RFC 6238).
 */
#ifndef AWS_SESSION_MFA_H
#define AWS_SESSION_MFA_H

#include "exit_status.h"
#include "report.h"
#include "secret.h"

#include <stdbool.h>

enum { MFA_TRIES = 3 };

struct mfa {
    const char *serial; /* of the device; not owned */
    const char *given;  /* --code or its variable, NULL to ask; not owned */
    int terminal;       /* -1 until somebody is asked */
    bool wait;          /* count down to the next code before asking */
};

enum mfa_result {
    MFA_CODE,
    MFA_FAILED, /* the report says why */
    MFA_WATCHED /* watch_fd became readable first */
};

/* Begin. given may be NULL. */
void mfa_begin(struct mfa *mfa, const char *serial, const char *given);

/*
 * Check before any work is done whether a code can be had at all: a given
 * code must be six digits (else EXIT_WRONG_CODE), without one there must be
 * somebody to ask (else EXIT_NOBODY_ASKED). Returns EXIT_DONE, or one of
 * these with the report filled.
 */
enum exit_status mfa_check_source(const char *given, struct report *report);

/*
 * Get a code that has not been used. Asks again as long as what is typed is
 * no code or a used one. From now on it counts as used, for every process of
 * the user: two that got the same code at once must not both send it.
 * watch_fd: see terminal.h, -1 for none.
 */
enum mfa_result mfa_get_code(struct mfa *mfa, int watch_fd,
                             struct secret *code, struct report *report);

/* Whether a wrong code may be asked for again. */
bool mfa_can_ask(const struct mfa *mfa);

/* The code was not sent: it is still good. */
void mfa_give_back(const struct mfa *mfa, const struct secret *code);

/* Say text to the person who types, and count down to the next code before
 * asking for it. */
void mfa_tell(struct mfa *mfa, const char *text);

/* Close the terminal. */
void mfa_end(struct mfa *mfa);

#endif
