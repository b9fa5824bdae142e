/*
 * The access keys of an IAM user: listed, made, switched off, deleted.
 *
 * Part of aws-session. Calls of IAM only, no keyring; what order they come in
 * is rotation.h's business. Source: IAM API reference, 2010-05-08.
 */
#ifndef AWS_SESSION_ACCESS_KEY_H
#define AWS_SESSION_ACCESS_KEY_H

#include "aws_call.h"

/* AWS lets a user have two; others that speak its API may have more. */
enum { ACCESS_KEYS_MAX = 16, ACCESS_KEY_ID_SIZE = 129 };

/* Who asks, and for which user. Nothing is owned. */
struct access_key_caller {
    struct aws *aws;
    const struct profile *profile; /* whose IAM endpoint it is */
    struct aws_signer signer;      /* a session with MFA */
    const char *user;
};

struct access_key {
    char id[ACCESS_KEY_ID_SIZE];
    char status[65]; /* "Active", "Inactive" */
    int64_t created; /* seconds since 1970 UTC */
};

struct access_key_list {
    struct access_key keys[ACCESS_KEYS_MAX];
    size_t count;
    int64_t time; /* of AWS's clock when it answered, 0 if unknown */
};

/* List the keys of the user. Returns 0, or -1 with the report filled. */
int access_key_list(const struct access_key_caller *caller,
                    struct access_key_list *list, struct report *report);

/*
 * Make a new key. Returns 0 with id and secret, or -1 with the report filled;
 * *unsure then says whether one may have been made whose secret was lost on
 * the way.
 */
int access_key_create(const struct access_key_caller *caller,
                      char id[ACCESS_KEY_ID_SIZE], struct secret *secret,
                      bool *unsure, struct report *report);

/*
 * Make a key inactive; delete it. Both may be done again, and a key that is
 * gone is as good as done. Return 0, or -1 with the report filled.
 */
int access_key_deactivate(const struct access_key_caller *caller,
                          const char *id, struct report *report);
int access_key_delete(const struct access_key_caller *caller, const char *id,
                      struct report *report);

#endif
