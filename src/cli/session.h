/*
 * The way of one session, from what a person wants to credentials.
 *
 * Part of aws-session. docs/architecture.md lists the steps; session.c reads
 * like that list.
 */
#ifndef AWS_SESSION_SESSION_H
#define AWS_SESSION_SESSION_H

#include "config/profile.h"
#include "exit_status.h"
#include "session_document.h"

/* What the command line said. */
struct session_options {
    struct profile_options profile;
    const char *code;       /* --code or AWS_SESSION_MFA_CODE; NULL to ask */
    unsigned min_remaining; /* seconds that it must have; 0: --min-remaining
                               was not given */
    unsigned wanted_remaining; /* seconds that it should have, if a new one is
                                  to be had; 0: the default, five minutes */
    bool no_prompt;            /* ask nobody */
    bool cached;  /* only a kept session: ask nobody, send nothing */
    bool renew;   /* no kept one will do */
    bool outside; /* it is not for the environment: a key there is not kept
                     for what runs inside */
    bool newer;   /* the one that our environment has will not do */
    bool without_roles; /* the session with MFA, before any role */
};

/*
 * Get the session that the options and the configuration ask for: from the
 * keyring if one has enough life left, else from STS with an MFA code. Fills
 * profile and session (freed by the caller, also after a failure). Returns
 * EXIT_DONE, else what the command ends with, and the report is filled:
 * EXIT_NO_KEY, EXIT_WRONG_CODE, EXIT_UNREACHABLE, EXIT_NOBODY_ASKED if a
 * person had to be asked and cannot or may not be, EXIT_USAGE if no session
 * can have min_remaining, EXIT_FAILED for all the
 * rest.
 */
enum exit_status session_get(const struct session_options *options,
                             struct profile *profile, struct session *session,
                             struct report *report);

/*
 * Find the kept session that the options ask for, and get no new one: without
 * it the session is empty, and *cleared says whether "aws-session clear" has
 * ended it. Returns as session_get.
 */
enum exit_status session_find(const struct session_options *options,
                              struct profile *profile, struct session *session,
                              bool *cleared, struct report *report);

/*
 * The stored key of a profile was replaced by another one of the same IAM
 * user: keep a session without roles, which is the user's, for it as well.
 * serial is the MFA device that mfa_serial_known names for the former key.
 */
void session_carry_over(const struct profile *profile, const char *serial,
                        const struct session *session);

#endif
