/*
 * Stored parent keys, as the command line sees them: through the signer.
 *
 * Part of aws-session. Whatever happens to a stored key happens in
 * aws-session-sign; here are the questions to it.
 */
#ifndef AWS_SESSION_PARENT_KEY_H
#define AWS_SESSION_PARENT_KEY_H

#include "message.h"

#include <stdbool.h>

/* What is known of a stored key. */
struct parent_key {
    char access_key_id[129];
    enum protection protection;
};

/*
 * Give a key to the signer to keep for a profile; replace: also if there is
 * one; lifetime: seconds, as far as the policy does not know a shorter one, 0
 * for the policy's. Returns 0, or -1 with the report filled and *refusal set
 * (0 if the failure was not a refusal).
 */
int parent_key_store(const char *profile, const char *access_key_id,
                     const struct secret *secret_access_key, bool replace,
                     unsigned lifetime, struct parent_key *stored,
                     enum refusal *refusal, struct report *report);

/* Have a stored key removed. Returns as parent_key_store. */
int parent_key_remove(const char *profile, struct parent_key *removed,
                      enum refusal *refusal, struct report *report);

/* Ask what is stored for a profile. Returns as parent_key_store. */
int parent_key_describe(const char *profile, struct parent_key *found,
                        enum refusal *refusal, struct report *report);

/*
 * The names of all profiles that have a stored key, sorted; freed by
 * parent_key_names_free. Returns 0, or -1 with the report filled.
 */
int parent_key_names(char ***names, size_t *count, struct report *report);

void parent_key_names_free(char **names, size_t count);

#endif
