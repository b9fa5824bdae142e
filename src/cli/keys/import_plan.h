/*
 * What an import has to do: which access keys stand in the AWS files, where,
 * and what the keyring has of them.
 *
 * Part of aws-session. Reads, and changes nothing.
 */
#ifndef AWS_SESSION_IMPORT_PLAN_H
#define AWS_SESSION_IMPORT_PLAN_H

#include "config/config.h"
#include "parent_key.h"

/* A key pair in one of the two files. */
struct import_place {
    const char *path;
    const char *section;
    unsigned lines[2]; /* of the two keys, in the order of the file */
};

enum import_state {
    IMPORT_NEW,     /* nothing is stored for the profile */
    IMPORT_STORED,  /* a key of that id is, as well as it can be kept */
    IMPORT_EXPOSED, /* the same, but readable, and that need not be */
    IMPORT_OTHER    /* another key is, or one that cannot be used */
};

/* The key of one profile. Strings live as long as the configuration. */
struct import_item {
    const char *profile;
    const char *access_key_id;
    const char *secret_access_key;
    struct import_place places[2]; /* credentials file first; the same key */
    size_t place_count;
    enum import_state state;
    char stored_id[129]; /* with IMPORT_OTHER, "" if it is not known */
};

/* All zero is nothing to do. */
struct import_plan {
    struct import_item *items;
    size_t count;
    size_t failed; /* profiles that were asked for and cannot be imported */
    size_t left;   /* and those of all, unasked, that stay as they are */
};

/*
 * Find the long-lived keys of the profiles named (NULL-terminated; NULL or
 * empty: of all profiles). A line on standard error for each profile that is
 * left out although it has a key: temporary ones, half a pair, different ones
 * in the two files; and for each that is named and has none. Returns 0, or -1
 * with the report filled (no memory).
 */
int import_plan_make(struct import_plan *plan, const struct config *config,
                     char *const *names, struct report *report);

/* Free. Takes an empty plan. */
void import_plan_free(struct import_plan *plan);

#endif
