/*
 * What there is of ours in a keyring: names, places and owners, no contents.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_KEY_LIST_H
#define AWS_SESSION_KEY_LIST_H

#include "keyring.h"

/* A key "aws-session:KIND:NAME[:ID]"; the strings are owned by the list. */
struct key_entry {
    int serial;
    unsigned owner; /* uid */
    enum keyring_place place;
    char *kind; /* "parent", "session" or "note" */
    char *name; /* decoded: bytes as they were */
    char *id;   /* "" if none */
};

/* All zero is an empty list. */
struct key_list {
    struct key_entry *entries;
    size_t count;
};

/*
 * Add the keys of one keyring that are ours by name. A keyring that is not
 * there is empty. Returns 0, or -1 with the report filled (no memory).
 */
int key_list_add(struct key_list *list, enum keyring_place place,
                 struct report *report);

/*
 * Take apart what keyctl_describe(3) says, "TYPE;UID;GID;PERM;NAME": sets all
 * but serial and place. Returns 0, or -1 if it is no key of ours or memory
 * ran out. The caller frees entry->kind, with which the rest is gone.
 */
int key_list_parse(const char *text, struct key_entry *entry);

void key_list_free(struct key_list *list);

#endif
