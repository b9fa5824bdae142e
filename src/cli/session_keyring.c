/*
 * Sessions in the keyring: see session_keyring.h. Part of aws-session.
 */
#include "session_keyring.h"

#include "change_mark.h"
#include "clock.h"
#include "key_name.h"
#include "note.h"
#include "session_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* About a profile: see session_keyring_note_cleared. */
static const char cleared_note[] = "cleared";

/*
 * FNV-1a, 64 bit. It keeps sessions of one user apart by their configuration,
 * which that user writes; nothing has to withstand an attacker here.
 */
static void
hash_bytes(uint64_t *hash, const void *bytes, size_t length)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < length; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(0x100000001b3);
}

/* The final NUL counts, so that "ab","c" and "a","bc" differ; so does NULL
 * from "". */
static void
hash_text(uint64_t *hash, const char *text)
{
    hash_bytes(hash, text == NULL ? "-" : "+", 1);
    if (text != NULL)
        hash_bytes(hash, text, strlen(text) + 1);
}

/* "sts.eu-west-1.amazonaws.com" as "sts." and ".amazonaws.com". */
static void
hash_endpoint(uint64_t *hash, const struct endpoint *sts)
{
    const char *region = sts->custom ? NULL : strstr(sts->host, sts->region);

    if (region == NULL) {
        hash_text(hash, sts->origin);
        hash_text(hash, sts->path);
    } else {
        hash_bytes(hash, sts->host, (size_t)(region - sts->host));
        hash_text(hash, region + strlen(sts->region));
    }
}

void
session_keyring_id(const struct profile *profile, const char *parent_id,
                   const char *serial, size_t role_count,
                   char id[SESSION_ID_SIZE])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    hash_text(&hash, parent_id);
    hash_text(&hash, serial);
    hash_bytes(&hash, &profile->duration, sizeof(profile->duration));
    hash_endpoint(&hash, &profile->sts);
    for (size_t i = 0; i < role_count; i++) {
        const struct role *role = &profile->roles[i];

        hash_text(&hash, role->arn);
        hash_text(&hash, role->session_name);
        hash_text(&hash, role->external_id);
        hash_bytes(&hash, &role->duration, sizeof(role->duration));
    }
    snprintf(id, SESSION_ID_SIZE, "%016" PRIx64, hash);
}

static enum keyring_place
place_of(enum cache_scope scope)
{
    return scope == CACHE_SESSION ? KEYRING_LOGIN : KEYRING_USER;
}

enum keyring_result
session_keyring_find(enum cache_scope scope, const char *profile,
                     const char *id, struct session *session,
                     struct report *report)
{
    char description[KEY_NAME_SIZE];
    struct secret document = {0};
    enum keyring_result result = KEYRING_ABSENT;

    if (scope == CACHE_NONE ||
        key_name_build(description, "session", profile, id) != 0)
        return result;
    result = keyring_read(place_of(scope), description, &document, report);
    if (result == KEYRING_ABSENT)
        report->text[0] = '\0'; /* nothing there is nothing to tell */
    if (result == KEYRING_OK &&
        session_document_read(document.data, document.length, session,
                              report) != 0)
        result = KEYRING_ABSENT;
    secret_free(&document);
    return result;
}

/*
 * Room is there a moment after a key is gone: the kernel frees it when no
 * reader can be looking at it any more (an RCU grace period).
 */
static enum keyring_result
store_again(enum keyring_place place, const char *description,
            const struct secret *document, unsigned left,
            struct report *report)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    enum keyring_result result = KEYRING_FULL;

    for (int i = 0; i < 25 && result == KEYRING_FULL; i++) {
        nanosleep(&pause, NULL);
        result = keyring_store(place, description, document->data,
                               document->length, left, report);
    }
    return result;
}

enum keyring_result
session_keyring_store(enum cache_scope scope, const char *profile,
                      const char *id, const struct session *session,
                      struct report *report)
{
    char description[KEY_NAME_SIZE];
    struct secret document = {0};
    enum keyring_place place = place_of(scope);
    enum keyring_result result = KEYRING_UNAVAILABLE;
    int64_t left = session->expiration - clock_now();

    if (scope == CACHE_NONE)
        return KEYRING_OK;
    if (key_name_build(description, "session", profile, id) != 0)
        report_set(report, "the profile's name is too long for the keyring");
    else if (left <= 0)
        report_set(report, "AWS gave a session that has expired already");
    else if (session_document_write(session, &document, report) == 0)
        result = keyring_store(place, description, document.data,
                               document.length, (unsigned)left, report);
    /* Sessions are of one size, more or less, and where keys are counted the
     * process keyring is one: a few make room for any. */
    for (int i = 0; i < 3 && result == KEYRING_FULL && session_list_evict();
         i++)
        result = store_again(place, description, &document, (unsigned)left,
                             report);
    secret_free(&document);
    if (result == KEYRING_OK) {
        note_remove(cleared_note, profile);
        change_mark_set();
    }
    return result;
}

void
session_keyring_note_cleared(const char *profile)
{
    note_write(cleared_note, profile, "1", DURATION_MAX);
}

bool
session_keyring_was_cleared(const char *profile)
{
    char text[8];

    return note_read(cleared_note, profile, text, sizeof(text)) >= 0;
}
