/*
 * All sessions that are kept: see session_list.h. Part of aws-session.
 */
#include "session_list.h"

#include "clock.h"
#include "debug.h"
#include "duration.h"
#include "session_document.h"

#include <stdlib.h>
#include <string.h>

static int64_t
read_expiration(int serial)
{
    struct secret document = {0};
    struct session session = {0};
    struct report ignored;
    int64_t expiration = 0;

    if (keyring_read_serial(serial, &document, &ignored) == KEYRING_OK &&
        session_document_read(document.data, document.length, &session,
                              &ignored) == 0)
        expiration = session.expiration;
    session_free(&session);
    secret_free(&document);
    return expiration;
}

static int
compare_expirations(const void *a, const void *b)
{
    const struct listed_session *one = a, *other = b;

    if (one->expiration != other->expiration)
        return one->expiration < other->expiration ? -1 : 1;
    return strcmp(one->key->name, other->key->name);
}

int
session_list_read(struct session_list *list, struct report *report)
{
    *list = (struct session_list){0};
    if (key_list_add(&list->keys, KEYRING_USER, report) != 0 ||
        key_list_add(&list->keys, KEYRING_LOGIN, report) != 0)
        goto failed;
    list->sessions = calloc(list->keys.count + 1, sizeof(*list->sessions));
    if (list->sessions == NULL) {
        report_set(report, "out of memory");
        goto failed;
    }
    for (size_t i = 0; i < list->keys.count; i++) {
        const struct key_entry *key = &list->keys.entries[i];

        if (strcmp(key->kind, "session") == 0)
            list->sessions[list->count++] = (struct listed_session){
                key, read_expiration(key->serial)};
    }
    qsort(list->sessions, list->count, sizeof(*list->sessions),
          compare_expirations);
    return 0;
failed:
    session_list_free(list);
    return -1;
}

void
session_list_keep(struct session_list *list, const char *profile)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->sessions[i].key->name, profile) == 0)
            list->sessions[kept++] = list->sessions[i];
    list->count = kept;
}

void
session_list_free(struct session_list *list)
{
    free(list->sessions);
    key_list_free(&list->keys);
    *list = (struct session_list){0};
}

bool
session_list_evict(void)
{
    struct session_list list;
    struct report ignored;
    char left[DURATION_SIZE];
    size_t i = 0;

    if (session_list_read(&list, &ignored) != 0)
        return false;
    for (; i < list.count && list.sessions[i].expiration == 0; i++)
        keyring_drop(list.sessions[i].key->place,
                     list.sessions[i].key->serial);
    if (i == 0 && list.count > 0) {
        const struct key_entry *key = list.sessions[0].key;

        keyring_drop(key->place, key->serial);
        duration_format(list.sessions[0].expiration - clock_now(), left);
        warn_line("the key quota is used up: the session of profile %.100s, "
                  "which had %s left, made room (see aws-session status)",
                  key->name, left);
        i = 1;
    }
    session_list_free(&list);
    return i > 0;
}
