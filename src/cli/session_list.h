/*
 * All sessions that are kept, of all profiles.
 *
 * Part of aws-session. Their documents are read for their end, and nothing
 * else of them is kept.
 */
#ifndef AWS_SESSION_SESSION_LIST_H
#define AWS_SESSION_SESSION_LIST_H

#include "keys/key_list.h"

#include <stdbool.h>
#include <stdint.h>

struct listed_session {
    const struct key_entry *key; /* its name is the profile */
    int64_t expiration; /* seconds since 1970 UTC; 0: expired or damaged */
};

/* All zero is empty. */
struct session_list {
    struct key_list keys;
    struct listed_session *sessions; /* those that expire first come first */
    size_t count;
};

/*
 * Read what is in the user keyring and in that of the login. Returns 0, or -1
 * with the report filled.
 */
int session_list_read(struct session_list *list, struct report *report);

/* Drop the sessions of all other profiles from the list. */
void session_list_keep(struct session_list *list, const char *profile);

void session_list_free(struct session_list *list);

/*
 * Remove the session that expires first, and tell the person; expired ones
 * that the kernel still counts go without a word. Returns whether any went.
 */
bool session_list_evict(void);

#endif
