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
    DURATION_ROLE_DEFAULT = 3600,
    DURATION_CHAIN_MAX = 3600, /* AssumeRole called by a role */
    DURATION_DEFAULT = 43200   /* GetSessionToken's own default */
};

/* What the command line said; NULL or 0 where it said nothing. */
struct profile_options {
    const char *profile;    /* --profile: also switches environment keys off */
    const char *region;     /* --region */
    const char *mfa_serial; /* --mfa-serial or its variable */
    unsigned duration;      /* --session-duration or its variable, seconds from
                               DURATION_MIN to DURATION_MAX: of the last role,
                               or of GetSessionToken without one */
    bool own_first;         /* AWS_SESSION_PROFILE before AWS_PROFILE */
    /* Whether the keyring has a parent key of a profile; NULL if nobody looks.
       Asked only where it matters: for a profile that is in no file, and where
       a key in a file would decide (a role that names itself as its source, a
       source that has a role of its own, credentials of another kind). */
    bool (*is_stored)(const char *profile);
};

/* Where the long-lived key of the session is. */
enum parent_source {
    PARENT_NONE,        /* in no file or variable: maybe in the keyring */
    PARENT_ENVIRONMENT, /* AWS_ACCESS_KEY_ID and its companion */
    PARENT_CREDENTIALS_FILE,
    PARENT_CONFIG_FILE,
    PARENT_STASHED /* it was in the environment when the session that we are
                      in was opened: AWS_SESSION_PARENT_KEY_ID (stash.h) */
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
    char *name;     /* the selected profile, "default" if nothing said */
    bool in_files;  /* it exists in the config or credentials file */
    char *settings; /* the profile whose settings decide: name, or the one
                       that its credential_process names if that is ours */
    char *region;   /* NULL if there is none */
    char *base;     /* the profile at the root of the role chain that has
                       the long-lived key; name itself without roles */
    enum parent_source parent;
    char *access_key_id;     /* with parent != PARENT_NONE */
    struct secret secret;    /* the same, but not with PARENT_STASHED */
    bool stashed;            /* the signer has it for what runs inside */
    char *mfa_serial;        /* NULL: to be discovered */
    char *mfa_process;       /* command that prints a code, NULL if none */
    char *mfa_process_place; /* "profile NAME (FILE, line N)" */
    unsigned duration;       /* of GetSessionToken, seconds */
    struct role roles[PROFILE_MAX_ROLES]; /* in the order of the calls */
    size_t role_count;
    struct endpoint sts;
    struct endpoint iam;
    char *ca_bundle; /* NULL: the system's */
};

/*
 * Resolve a profile. The order is the AWS CLI v2's:
 *
 *   profile    --profile, AWS_PROFILE, AWS_DEFAULT_PROFILE, then our own
 *              AWS_SESSION_PROFILE, then "default"; set but empty is an error
 *              (with own_first ours comes after --profile)
 *   region     --region, AWS_REGION, AWS_DEFAULT_REGION, the profile
 *   key        the environment's, unless --profile was given: it goes before
 *              the profile and its role; inside a session that was opened
 *              with such a key and is the profile's, that key; then the role
 *              chain's root: the credentials file, the config file
 *   ca_bundle  AWS_CA_BUNDLE, the profile, REQUESTS_CA_BUNDLE
 *
 * Where we differ on purpose: a key with a session token is an error, and
 * inside one of our sessions (AWS_SESSION_PROFILE is set) such keys in the
 * environment are ours and not looked at; a long-lived key in a file goes
 * before SSO and credential_process; mfa_serial counts without a role_arn,
 * and that of the base profile if the selected one has none, as mfa_process
 * does, which the AWS CLI does not know; --mfa-serial goes before both; a
 * credential_process that is aws-session itself is that of the profile which
 * it names, or no credentials at all.
 *
 * Returns 0, or -1 with the report filled and the profile empty: an unknown
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
