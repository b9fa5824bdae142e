/*
 * Whether two AWS files mean the same: what an edit of ours is checked by.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_CONFIG_SAME_H
#define AWS_SESSION_CONFIG_SAME_H

#include "config_file.h"

/* Keys of one section, which may differ. Nothing is owned. */
struct config_except {
    const char *section; /* as it stands between the brackets */
    const char *const *keys;
    size_t key_count;
};

/*
 * Whether both have the same sections with the same keys and values in the
 * same order, but for the exceptions. after may have one section more, as its
 * last: that of the exceptions, with nothing else in it.
 */
bool config_same_except(const struct config_file *before,
                        const struct config_file *after,
                        const struct config_except *except);

/* A key that stands in the section itself, not in [DEFAULT]; NULL if it does
 * not, or without a section. */
const struct config_entry *
config_section_own(const struct config_section *section, const char *key);

#endif
