/*
 * What the user's program finds in its environment: see runas.h. Part of
 * aws-session-runas.
 *
 * Built, not filtered: what is not named here does not get across.
 */
#include "runas.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What says how to write on this terminal; a final * stands for any rest. */
static const char *const kept[] = {
    "COLORTERM", "LANG", "LANGUAGE", "LC_*", "NO_COLOR", "TERM", "TZ",
};

/* The credentials and what goes with them. The files are the caller's. */
static const char credentials[] = "AWS_*";
static const char *const not_ours[] = {
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
};

struct list {
    char **entries; /* NULL-terminated */
    size_t count;
    bool failed;
};

static bool
is_named(const char *entry, const char *name)
{
    size_t length = strlen(name);

    if (name[length - 1] == '*')
        return strncmp(entry, name, length - 1) == 0;
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* Add an entry, or put it in the place of the one of that name. Takes it. */
static void
put(struct list *list, char *entry)
{
    size_t length = entry == NULL ? 0 : strcspn(entry, "=") + 1;
    char **longer;

    if (entry == NULL) {
        list->failed = true;
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        if (strncmp(list->entries[i], entry, length) == 0) {
            free(list->entries[i]);
            list->entries[i] = entry;
            return;
        }
    longer = realloc(list->entries, (list->count + 2) * sizeof(*longer));
    if (longer == NULL) {
        list->failed = true;
        free(entry);
        return;
    }
    longer[list->count++] = entry;
    longer[list->count] = NULL;
    list->entries = longer;
}

static void
put_value(struct list *list, const char *name, const char *value)
{
    char *entry;

    put(list, asprintf(&entry, "%s=%s", name, value) >= 0 ? entry : NULL);
}

/* Take over from our own environment. */
static void
keep(struct list *list, const char *name)
{
    for (char **entry = environ; *entry != NULL; entry++) {
        bool skipped = !is_named(*entry, name);

        for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
            skipped = skipped || is_named(*entry, not_ours[i]);
        if (!skipped)
            put(list, strdup(*entry));
    }
}

char **
runas_environment(const struct passwd *user, pam_handle_t *pam)
{
    struct list list = {0};
    char **wanted = pam_getenvlist(pam);

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        keep(&list, kept[i]);
    put_value(&list, "HOME", user->pw_dir);
    put_value(&list, "SHELL",
              user->pw_shell[0] != '\0' ? user->pw_shell : "/bin/sh");
    put_value(&list, "USER", user->pw_name);
    put_value(&list, "LOGNAME", user->pw_name);
    put_value(&list, "PATH",
              user->pw_uid == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                                  "/usr/bin:/sbin:/bin"
                                : "/usr/local/bin:/usr/bin:/bin");
    for (size_t i = 0; wanted != NULL && wanted[i] != NULL; i++)
        put(&list, wanted[i]);
    free(wanted);
    keep(&list, credentials);
    if (!list.failed)
        return list.entries;
    runas_environment_free(list.entries);
    return NULL;
}

void
runas_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        explicit_bzero(environment[i], strlen(environment[i]));
        free(environment[i]);
    }
    free(environment);
}
