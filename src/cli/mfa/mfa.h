/*
 * The MFA code: step 4 of the way of a session.
 *
 * Part of aws-session. From --code, mfa_process, or the person at the
 * terminal, checked for its shape before anything is sent, and never taken
 * twice (mfa_code.h).
 */
#ifndef AWS_SESSION_MFA_H
#define AWS_SESSION_MFA_H

#include "mfa_code.h"
#include "mfa_source.h"
#include "terminal.h"

enum { MFA_TRIES = 3, MFA_LINE_SIZE = 64 };

struct mfa {
    const char *serial;              /* of the device; not owned */
    const struct mfa_source *source; /* not owned */
    int terminal;                    /* -1 until it is needed */
    bool wait;   /* another code than the last is needed: count down to it */
    bool waited; /* mfa_process had its second chance */
};

enum mfa_result {
    MFA_CODE,
    MFA_FAILED, /* the report says why */
    MFA_UNFIT,  /* the one that there is was used, or is none; so does it */
    MFA_WATCHED /* watch_fd became readable first */
};

/* Begin. */
void mfa_begin(struct mfa *mfa, const char *serial,
               const struct mfa_source *source);

/*
 * Get a code that has not been used; from now on it counts as used. Asks
 * again as long as what is typed is no code or a used one; mfa_process is run
 * once more after the next code has come. watch_fd: see terminal.h, -1 for
 * none.
 */
enum mfa_result mfa_get_code(struct mfa *mfa, int watch_fd,
                             struct secret *code, struct report *report);

/* Whether there may be another code after a wrong one. */
bool mfa_can_ask(const struct mfa *mfa);

/* The code was not sent: it is still good. */
void mfa_give_back(const struct mfa *mfa, const struct secret *code);

/* Say text to the person, on the terminal if there is one, and wait for the
 * next code before taking one. */
void mfa_tell(struct mfa *mfa, const char *text);

/*
 * Ask question, of up to 60 bytes, behind the seconds that are left until a
 * device shows its next code, which are rewritten in place while nothing is
 * typed. Returns as terminal_read_line does.
 */
enum terminal_result mfa_ask_counting(int terminal, const char *question,
                                      char line[MFA_LINE_SIZE], int watch_fd);

/* Close the terminal. */
void mfa_end(struct mfa *mfa);

#endif
