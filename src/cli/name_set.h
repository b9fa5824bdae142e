/*
 * A set of names, to find duplicates without quadratic time.
 *
 * Part of aws-session, runs as the user.
 */
#ifndef AWS_SESSION_NAME_SET_H
#define AWS_SESSION_NAME_SET_H

#include <stddef.h>

/* All zero is an empty set. */
struct name_set {
    struct name_slot *slots; /* private to name_set.c */
    size_t slot_count;
    size_t used;
};

/*
 * Add a name, which must live as long as the set. Names of different groups
 * are different. Returns 1 if it is new, 0 if it was there, -1 if memory ran
 * out.
 */
int name_set_add(struct name_set *set, const char *name, size_t group);

/* Free. Takes an empty set. */
void name_set_free(struct name_set *set);

#endif
