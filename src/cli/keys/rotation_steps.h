/*
 * The steps of a rotation that change something. Private to rotation.c, whose
 * header has their order.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_ROTATION_STEPS_H
#define AWS_SESSION_ROTATION_STEPS_H

#include "access_key.h"
#include "key_check.h"
#include "rotation_note.h"
#include "session.h"

/* One rotation. */
struct rotation {
    const struct session_options *options;
    struct profile profile; /* its base has the key */
    struct session session;
    struct aws aws;
    struct access_key_caller iam;
    char arn[KEY_CHECK_ARN_SIZE];         /* of the user */
    char current[ACCESS_KEY_ID_SIZE];     /* the key that is stored */
    char replacement[ACCESS_KEY_ID_SIZE]; /* and the one to come */
    struct rotation_note note;
    char file_key[ACCESS_KEY_ID_SIZE]; /* the profile's in an AWS file, "" */
    char file_place[512];              /* and where it stands */
};

/* Print a line, at once: it may be the last thing that we say. */
void rotation_say(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * Make a new key, prove it and store it; time is AWS's. Returns 0 with
 * current set to it, or -1 with the report filled: then the stored key is the
 * one that it was, and what was made is undone if it can be.
 */
int rotation_replace(struct rotation *rotation, int64_t time,
                     struct report *report);

/*
 * Prove the stored key, which is the new one, and delete the old one of the
 * note. Returns 0, or -1 with the report filled: the next rotation goes on.
 */
int rotation_remove_old(struct rotation *rotation, struct report *report);

#endif
