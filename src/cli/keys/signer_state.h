/*
 * Whether stored keys are out of the user's reach, and why.
 *
 * Part of aws-session. The signer protects them if it runs as the service
 * user: it is setuid to it, and nothing takes that bit's meaning away
 * (execve(2): a nosuid mount, no_new_privs, a user namespace without that
 * user).
 */
#ifndef AWS_SESSION_SIGNER_STATE_H
#define AWS_SESSION_SIGNER_STATE_H

#include "report.h"

#include <stdbool.h>
#include <sys/types.h>

enum signer_state {
    SIGNER_PROTECTS,
    SIGNER_MISSING,
    SIGNER_NOT_SETUID,
    SIGNER_OF_ROOT,      /* it refuses to work */
    SIGNER_OF_CALLER,    /* setuid to oneself is nothing */
    SIGNER_OF_NOBODY,    /* its owner is not in this user namespace */
    SIGNER_NOSUID,       /* its file system is mounted so */
    SIGNER_NO_NEW_PRIVS, /* this process may gain nothing */
    SIGNER_STATE_COUNT
};

struct signer_facts {
    bool exists;
    mode_t mode;
    uid_t owner;
    uid_t caller;
    bool nosuid;
    bool no_new_privs;
};

/* What the facts mean. */
enum signer_state signer_state_judge(const struct signer_facts *facts);

/* A word for programs: "protects", "not_setuid" and so on. */
const char *signer_state_name(enum signer_state state);

/* Look, and fill why with a part of a sentence: "it is not setuid ...". */
enum signer_state signer_state_find(struct report *why);

#endif
