/*
 * Sessions inside sessions: see nested.h. Part of aws-session.
 */
#include "nested.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const regions[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
static const char *const others[] = {"AWS_SESSION_DURATION",
                                     "AWS_SESSION_MFA_SERIAL"};

enum { REGION_COUNT = 2, NAME_COUNT = 4 };

/* The value that the person set; NULL: none. */
static char *own[NAME_COUNT];

static const char *
name_of(int i)
{
    return i < REGION_COUNT ? regions[i] : others[i - REGION_COUNT];
}

/* Whether a list of "NAME=VALUE", with blanks between, has this one. */
static bool
is_listed(const char *list, const char *name, const char *value)
{
    size_t name_length = strlen(name), value_length = strlen(value);

    for (; *list != '\0'; list += strspn(list, " ")) {
        size_t length = strcspn(list, " ");

        if (length == name_length + 1 + value_length &&
            memcmp(list, name, name_length) == 0 && list[name_length] == '=' &&
            memcmp(list + name_length + 1, value, value_length) == 0)
            return true;
        list += length;
    }
    return false;
}

void
nested_begin(const char *profile)
{
    const char *list = getenv("AWS_SESSION_FOR_PROFILE");
    const char *outer = getenv("AWS_SESSION_PROFILE");
    bool leaves = outer != NULL && strcmp(outer, profile) != 0;

    for (int i = 0; i < NAME_COUNT; i++) {
        const char *value = getenv(name_of(i));
        bool is_ours = value != NULL && list != NULL &&
                       is_listed(list, name_of(i), value);

        free(own[i]);
        own[i] = value != NULL && !is_ours ? strdup(value) : NULL;
        if (is_ours && leaves)
            unsetenv(name_of(i));
    }
}

const char *
nested_describe(char text[NESTED_SIZE], const char *region)
{
    size_t used = 0;

    for (int i = 0; i < NAME_COUNT; i++) {
        const char *value = i < REGION_COUNT ? region : getenv(name_of(i));
        size_t need;

        if (value == NULL || strpbrk(value, " \t\n") != NULL ||
            (own[i] != NULL && strcmp(own[i], value) == 0))
            continue;
        need = strlen(name_of(i)) + strlen(value) + 2;
        if (need < NESTED_SIZE - used)
            used += (size_t)sprintf(text + used, "%s%s=%s",
                                    used > 0 ? " " : "", name_of(i), value);
    }
    return used > 0 ? text : NULL;
}
