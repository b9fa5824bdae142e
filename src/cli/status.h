/*
 * How things are: what aws-session status shows.
 *
 * Part of aws-session. Asks for no code; the only thing that leaves the
 * machine is GetCallerIdentity, signed by the session if there is one.
 */
#ifndef AWS_SESSION_STATUS_H
#define AWS_SESSION_STATUS_H

#include "keys/key_quota.h"
#include "keys/known_key.h"
#include "keys/signer_state.h"
#include "policy.h"
#include "session.h"
#include "session_parent.h"

/* A report with an empty text: nothing is wrong there. */
struct status {
    struct profile profile;
    struct known_key key;
    struct session session;
    int64_t left; /* seconds; 0: no session that could be used */
    char account[257];
    char arn[2049];
    struct report offline; /* why AWS did not say who we are */
    struct report problem; /* why no session can be had at all */
    enum signer_state signer;
    struct report signer_why;
    struct policy policy; /* the defaults if it cannot be read */
    struct report policy_problem;
    bool has_login; /* see keyring_has_login */
    struct key_quota quota;
};

/* Look at everything. What cannot be found out is said in its place. */
void status_find(struct status *status, const struct session_options *options);

/*
 * Find the kept session that the next command would use. Returns the seconds
 * that it has left, 0 with the session empty if there is none.
 */
int64_t status_find_session(const struct profile *profile,
                            const struct session_parent *parent,
                            enum cache_scope scope, struct session *session);

void status_free(struct status *status);

#endif
