/*
 * One run along the way of a session. Private to session.c and its parts.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_SESSION_WAY_H
#define AWS_SESSION_SESSION_WAY_H

#include "mfa/mfa_serial.h"
#include "mfa/mfa_source.h"
#include "session.h"
#include "session_parent.h"

struct session_way {
    const struct session_options *options;
    const struct profile *profile;
    struct policy policy;
    struct mfa_source source;
    struct session_parent parent;
    char serial[MFA_SERIAL_SIZE]; /* of the MFA device, "" while unknown */
    struct aws aws;
    int64_t enough;   /* seconds: a kept session with that much left will do */
    int64_t usable;   /* seconds: so will it where there is no other way */
    int64_t after;    /* it must expire later than that, since 1970 */
    bool is_new;      /* a code was spent */
    bool told_unkept; /* once is enough, however many roles */
};

#endif
