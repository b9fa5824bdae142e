/*
 * Files that mean the same: see config_same.h. Part of aws-session.
 */
#include "config_same.h"

#include <string.h>

const struct config_entry *
config_section_own(const struct config_section *section, const char *key)
{
    for (size_t i = 0; section != NULL && i < section->entry_count; i++)
        if (strcmp(section->entries[i].key, key) == 0)
            return &section->entries[i];
    return NULL;
}

static bool
is_same_entry(const struct config_entry *a, const struct config_entry *b)
{
    return strcmp(a->key, b->key) == 0 && strcmp(a->value, b->value) == 0 &&
           a->nested == b->nested;
}

/* The index-th key of a section, or the next one that is no exception. */
static size_t
skip(const struct config_section *section, size_t index,
     const struct config_except *except)
{
    for (; index < section->entry_count; index++) {
        bool excepted = false;

        for (size_t i = 0; except != NULL && i < except->key_count; i++)
            excepted |= strcmp(section->entries[index].key, except->keys[i]) ==
                        0;
        if (!excepted)
            break;
    }
    return index;
}

static bool
is_same_section(const struct config_section *a, const struct config_section *b,
                const struct config_except *except)
{
    size_t i, j;

    if (strcmp(a->name, except->section) != 0)
        except = NULL;
    i = skip(a, 0, except);
    j = skip(b, 0, except);
    for (; i < a->entry_count && j < b->entry_count;
         i = skip(a, i + 1, except), j = skip(b, j + 1, except))
        if (!is_same_entry(&a->entries[i], &b->entries[j]))
            return false;
    return i == a->entry_count && j == b->entry_count &&
           strcmp(a->name, b->name) == 0 &&
           a->default_count == b->default_count;
}

bool
config_same_except(const struct config_file *before,
                   const struct config_file *after,
                   const struct config_except *except)
{
    const struct config_section *first = before->sections;
    size_t count = before->section_count;

    if (after->section_count == count + 1) {
        const struct config_section *added = &after->sections[count];

        if (strcmp(added->name, except->section) != 0 ||
            skip(added, 0, except) != added->entry_count)
            return false;
    } else if (after->section_count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++)
        if (!is_same_section(&first[i], &after->sections[i], except))
            return false;
    for (size_t i = 0; count > 0 && i < first->default_count; i++)
        if (!is_same_entry(&before->defaults[i], &after->defaults[i]))
            return false;
    return true;
}
