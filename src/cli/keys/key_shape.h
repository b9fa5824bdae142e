/*
 * The shape of an access key and of the name under which it is kept, checked
 * before anything is done with them.
 *
 * Part of aws-session. Source: IAM API reference, AccessKey (id: 16 to 128
 * of [A-Za-z0-9_]); IAM User Guide, "Unique identifiers" (AKIA, ASIA). No
 * report holds a value: an id may be a secret in the wrong place.
 */
#ifndef AWS_SESSION_KEY_SHAPE_H
#define AWS_SESSION_KEY_SHAPE_H

#include "report.h"
#include "secret.h"

enum {
    KEY_SHAPE_ID_MIN = 16,
    KEY_SHAPE_ID_MAX = 128,
    KEY_SHAPE_SECRET_MAX = 256,
    KEY_SHAPE_PROFILE_MAX = 255
};

/* Whether a text may be a long-lived key's id. Returns 0, or -1 with the
 * report filled. */
int key_shape_check_id(const char *id, struct report *report);

/* Whether bytes may be a secret access key. Returns as key_shape_check_id. */
int key_shape_check_secret(const struct secret *secret, struct report *report);

/*
 * Whether keys can be kept under a profile's name. AWS's files take any name;
 * control characters and slashes are a mistake, or somebody's trick.
 */
int key_shape_check_profile(const char *name, struct report *report);

#endif
