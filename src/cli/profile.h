/*
 * Which session a person wants: step 1 of the way of a session.
 *
 * Part of aws-session, runs as the user. From options, environment and the
 * AWS files to one struct that says everything that decides what the session
 * is. Asks nobody and opens no connection.
 */
#ifndef AWS_SESSION_PROFILE_H
#define AWS_SESSION_PROFILE_H

#include "config.h"
#include "endpoint.h"

enum {
    PROFILE_MAX_ROLES = 16,
    DURATION_MIN = 900,        /* GetSessionToken and AssumeRole */
    DURATION_MAX = 129600,     /* GetSessionToken */
    DURATION_ROLE_MAX = 43200, /* AssumeRole */
    DURATION_CHAIN_MAX = 3600, /* AssumeRole called by a role */
    DURATION_DEFAULT = 43200   /* GetSessionToken's own default */
};

/* What the command line said; NULL or 0 where it said nothing. */
struct profile_options {
    const char *profile; /* --profile: also switches environment keys off */
    const char *region;  /* --region */
    unsigned duration;   /* --session-duration or its variable, seconds */
};

/* Where the long-lived key of the session is. */
enum parent_source {
    PARENT_NONE,        /* in no file or variable: maybe in the keyring */
    PARENT_ENVIRONMENT, /* AWS_ACCESS_KEY_ID and its companion */
    PARENT_CREDENTIALS_FILE,
    PARENT_CONFIG_FILE
};

/* One AssumeRole call; strings are owned by the profile. */
struct role {
    char *profile; /* the section that asks for it */
    char *arn;
    char *session_name; /* never NULL */
    char *external_id;  /* NULL if none */
    unsigned duration;  /* seconds; 0 for AWS's default, one hour */
};

/* All zero is none. */
struct profile {
    char *name;    /* the selected profile, "default" if nothing said */
    bool in_files; /* it exists in the config or credentials file */
    char *region;  /* NULL if there is none */
    char *base;    /* the profile at the root of the role chain that has
                      the long-lived key; name itself without roles */
    enum parent_source parent;
    char *access_key_id;                  /* with parent != PARENT_NONE */
    struct secret secret;                 /* with parent != PARENT_NONE */
    char *mfa_serial;                     /* NULL: to be discovered */
    unsigned duration;                    /* of GetSessionToken, seconds */
    struct role roles[PROFILE_MAX_ROLES]; /* in the order of the calls */
    size_t role_count;
    struct endpoint sts;
    struct endpoint iam;
    char *ca_bundle; /* NULL: the system's */
};

/*
 * Resolve a profile. Returns 0, or -1 with the report filled: an unknown
 * profile (the nearest name is suggested), half a key pair, a chain that runs
 * in a circle, a duration out of range, credentials of a kind that cannot
 * give an MFA session (temporary ones in the environment or a file, SSO,
 * credential_process, web identity, credential_source) each with what to do.
 */
int profile_resolve(struct profile *profile, const struct config *config,
                    const struct profile_options *options,
                    struct report *report);

/* Wipe and free. Takes an empty profile. */
void profile_free(struct profile *profile);

#endif
