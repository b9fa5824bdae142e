/*
 * A hash set of strings with open addressing: see name_set.h. Part of
 * aws-session.
 */
#include "name_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 }; /* the count stays a power of two */

struct name_slot {
    const char *name; /* NULL: free */
    size_t group;
};

/* FNV-1a, folded, since only the low bits choose a slot. */
static size_t
hash_of(const char *name, size_t group)
{
    uint64_t hash = 14695981039346656037U;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211U;
    hash = (hash ^ group) * 1099511628211U;
    return (size_t)(hash ^ hash >> 32);
}

/* The slot that has the name, or the free one where it belongs. */
static struct name_slot *
find_slot(const struct name_set *set, const char *name, size_t group)
{
    size_t mask = set->slot_count - 1;
    size_t at = hash_of(name, group) & mask;

    while (set->slots[at].name != NULL &&
           (set->slots[at].group != group ||
            strcmp(set->slots[at].name, name) != 0))
        at = (at + 1) & mask;
    return &set->slots[at];
}

static int
grow(struct name_set *set)
{
    struct name_set larger = {
        .slot_count = set->slot_count > 0 ? set->slot_count * 2 : FIRST_SLOTS,
        .used = set->used};

    larger.slots = calloc(larger.slot_count, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return -1;
    for (size_t i = 0; i < set->slot_count; i++) {
        const struct name_slot *old = &set->slots[i];

        if (old->name != NULL)
            *find_slot(&larger, old->name, old->group) = *old;
    }
    free(set->slots);
    *set = larger;
    return 0;
}

int
name_set_add(struct name_set *set, const char *name, size_t group)
{
    struct name_slot *slot;

    if (set->used * 2 >= set->slot_count && grow(set) != 0)
        return -1;
    slot = find_slot(set, name, group);
    if (slot->name != NULL)
        return 0;
    *slot = (struct name_slot){name, group};
    set->used++;
    return 1;
}

void
name_set_free(struct name_set *set)
{
    free(set->slots);
    *set = (struct name_set){0};
}
