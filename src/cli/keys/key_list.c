/*
 * What there is of ours in a keyring: see key_list.h. Part of aws-session.
 */
#include "key_list.h"

#include <keyutils.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "aws-session:";

/* The value of a hexadecimal digit as key_name.c writes it, or -1. */
static int
digit(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;

    return found != NULL ? (int)(found - digits) : -1;
}

/* Undo the %XX of key_name_build in place. Returns 0, or -1. */
static int
decode(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        int high, low;

        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        high = digit(text[1]);
        low = high < 0 ? -1 : digit(text[2]);
        if (low < 0 || high + low == 0)
            return -1;
        *to++ = (char)(high * 16 + low);
        text += 2;
    }
    *to = '\0';
    return 0;
}

/* Cut "KIND:NAME[:ID]" at its colons. Returns 0, or -1. */
static int
cut(char *text, struct key_entry *entry)
{
    char *colon = strchr(text, ':');

    if (colon == NULL || colon == text)
        return -1;
    *colon = '\0';
    entry->kind = text;
    entry->name = colon + 1;
    colon = strchr(entry->name, ':');
    if (colon != NULL)
        *colon = '\0';
    entry->id = colon != NULL ? colon + 1 : strchr(entry->name, '\0');
    return decode(entry->name);
}

int
key_list_parse(const char *text, struct key_entry *entry)
{
    const char *name = strchr(text, ';');
    char *copy;

    if (name == NULL)
        return -1;
    *entry = (struct key_entry){
        .owner = (unsigned)strtoul(name + 1, NULL, 10)};
    for (int i = 0; i < 3 && name != NULL; i++)
        name = strchr(name + 1, ';');
    if (name == NULL || strncmp(name + 1, prefix, strlen(prefix)) != 0)
        return -1;
    copy = strdup(name + 1 + strlen(prefix));
    if (copy == NULL || cut(copy, entry) != 0) {
        free(copy);
        return -1;
    }
    return 0;
}

static int
add_entry(struct key_list *list, const struct key_entry *entry)
{
    struct key_entry *entries = reallocarray(list->entries, list->count + 1,
                                             sizeof(*entries));

    if (entries == NULL)
        return -1;
    list->entries = entries;
    entries[list->count++] = *entry;
    return 0;
}

int
key_list_add(struct key_list *list, enum keyring_place place,
             struct report *report)
{
    void *content = NULL;
    long size = keyctl_read_alloc(keyring_special(place), &content);
    int result = 0;

    for (long i = 0; result == 0 && i < size / (long)sizeof(key_serial_t);
         i++) {
        key_serial_t serial = ((key_serial_t *)content)[i];
        struct key_entry entry;
        char *text = NULL;

        if (keyctl_describe_alloc(serial, &text) > 0 &&
            key_list_parse(text, &entry) == 0) {
            entry.serial = serial;
            entry.place = place;
            result = add_entry(list, &entry);
            if (result != 0)
                free(entry.kind);
        }
        free(text);
    }
    free(content);
    return result == 0 ? 0 : report_set(report, "out of memory");
}

void
key_list_free(struct key_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->entries[i].kind);
    free(list->entries);
    *list = (struct key_list){0};
}
