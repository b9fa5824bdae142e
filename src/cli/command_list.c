/*
 * aws-session list: long-lived keys and sessions, without a secret of any.
 *
 * Part of aws-session.
 */
#include "clock.h"
#include "commands.h"
#include "duration.h"
#include "exit_status.h"
#include "json.h"
#include "keys/known_key.h"
#include "keys/parent_key.h"
#include "session_list.h"
#include "session_parent.h"
#include "timestamp.h"

#include <stdio.h>
#include <string.h>

/* "keyring, protected" and so on, for people. */
static const char *
place_text(const struct known_key *key)
{
    if (key->source == PARENT_STASHED)
        return key->protection == PROTECTION_SERVICE
                   ? "keyring for 36 h, protected"
                   : "keyring for 36 h, unprotected";
    if (key->source != PARENT_NONE)
        return session_parent_source(key->source);
    switch (key->protection) {
    case PROTECTION_SERVICE:
        return "keyring, protected";
    case PROTECTION_USER:
        return "keyring, unprotected";
    case PROTECTION_INLINE:
        break;
    }
    return "keyring";
}

static int
width_of(const char *text, int width)
{
    int length = (int)strlen(text);

    return length > width ? length : width;
}

/* Names of profiles may hold anything: made fit for a terminal. */
static const char *
shown(const char *name, char buffer[REPORT_SIZE])
{
    snprintf(buffer, REPORT_SIZE, "%s", name[0] != '\0' ? name : "-");
    report_clean(buffer);
    return buffer;
}

static void
print_keys(const struct known_keys *keys)
{
    int profile = 7, id = 6, place = 7;
    char name[REPORT_SIZE];

    if (keys->count == 0) {
        printf("No long-lived access keys: aws-session add stores one.\n");
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        profile = width_of(shown(keys->keys[i].profile, name), profile);
        id = width_of(keys->keys[i].id, id);
        place = width_of(place_text(&keys->keys[i]), place);
    }
    printf("%-*s  %-*s  %-*s  CAN BE READ BY\n", profile, "PROFILE", id,
           "KEY ID", place, "KEPT IN");
    for (size_t i = 0; i < keys->count; i++) {
        const struct known_key *key = &keys->keys[i];

        printf("%-*s  %-*s  %-*s  %s\n", profile, shown(key->profile, name),
               id, key->id[0] != '\0' ? key->id : "?", place, place_text(key),
               key->readers);
    }
}

static void
print_sessions(const struct session_list *list)
{
    char left[DURATION_SIZE], end[TIMESTAMP_SIZE], name[REPORT_SIZE];
    int profile = 7;

    if (list->count == 0) {
        printf("\nNo sessions.\n");
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        profile = width_of(shown(list->sessions[i].key->name, name), profile);
    printf("\n%-*s  %-16s  %-12s  EXPIRES\n", profile, "PROFILE", "SESSION",
           "TIME LEFT");
    for (size_t i = 0; i < list->count; i++) {
        const struct listed_session *session = &list->sessions[i];

        duration_format(session->expiration - clock_now(), left);
        timestamp_format(session->expiration, end);
        printf("%-*s  %-16.16s  %-12s  %s\n", profile,
               shown(session->key->name, name), session->key->id,
               session->expiration == 0 ? "none" : left,
               session->expiration == 0 ? "-" : end);
    }
}

static cJSON *
key_object(const struct known_key *key)
{
    cJSON *object = cJSON_CreateObject();

    json_add_text(object, "profile",
                  key->profile[0] != '\0' ? key->profile : NULL);
    json_add_text(object, "access_key_id",
                  key->id[0] != '\0' ? key->id : NULL);
    json_add_text(object, "kept_in", known_key_place(key));
    json_add_bool(object, "protected", key->protection == PROTECTION_SERVICE);
    json_add_text(object, "readers", key->readers);
    return object;
}

static cJSON *
session_object(const struct listed_session *session)
{
    cJSON *object = cJSON_CreateObject();
    int64_t left = session->expiration - clock_now();
    char end[TIMESTAMP_SIZE];

    timestamp_format(session->expiration, end);
    json_add_text(object, "profile", session->key->name);
    json_add_text(object, "id", session->key->id);
    json_add_text(object, "kept_in",
                  session->key->place == KEYRING_LOGIN ? "session_keyring"
                                                       : "user_keyring");
    json_add_text(object, "expiration", session->expiration != 0 ? end : NULL);
    json_add_number(object, "seconds_left", left > 0 ? left : 0);
    return object;
}

static int
print_json(const struct known_keys *keys, const struct session_list *list,
           struct report *report)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *key_array = cJSON_AddArrayToObject(root, "keys");
    cJSON *session_array = cJSON_AddArrayToObject(root, "sessions");

    for (size_t i = 0; i < keys->count; i++)
        cJSON_AddItemToArray(key_array, key_object(&keys->keys[i]));
    for (size_t i = 0; i < list->count; i++)
        cJSON_AddItemToArray(session_array,
                             session_object(&list->sessions[i]));
    return json_print(root, report);
}

/* A name that would not be one line, or moves the cursor, is left out: these
 * lines are for programs, which would take it for another one. */
static void
print_name(const char *name)
{
    char text[REPORT_SIZE];

    if (strlen(name) < sizeof(text) && strcmp(shown(name, text), name) == 0)
        puts(name);
}

/* The names of the files, then those that are stored keys only. */
static int
print_profiles(struct report *report)
{
    struct config config = {0};
    char **stored = NULL;
    size_t stored_count = 0;
    int result = -1;

    if (config_load(&config, report) == 0 &&
        parent_key_names(&stored, &stored_count, report) == 0) {
        for (size_t i = 0; i < config.profile_count; i++)
            print_name(config_profile_name(&config, i));
        for (size_t i = 0; i < stored_count; i++)
            if (!config_has_profile(&config, stored[i]))
                print_name(stored[i]);
        result = 0;
    }
    parent_key_names_free(stored, stored_count);
    config_free(&config);
    return result;
}

int
command_list(const struct options *options, struct report *report)
{
    const char *profile = options->session.profile.profile;
    struct config config = {0};
    struct known_keys keys = {0};
    struct session_list sessions = {0};
    int status = EXIT_FAILED;

    if (options->profiles)
        return print_profiles(report) == 0 ? EXIT_DONE : EXIT_FAILED;
    if (config_load(&config, report) != 0 ||
        known_keys_find(&keys, &config, report) != 0 ||
        session_list_read(&sessions, report) != 0)
        goto done;
    if (profile != NULL) {
        known_keys_keep(&keys, profile);
        session_list_keep(&sessions, profile);
    }
    if (options->json) {
        if (print_json(&keys, &sessions, report) != 0)
            goto done;
    } else {
        print_keys(&keys);
        print_sessions(&sessions);
    }
    status = EXIT_DONE;
done:
    session_list_free(&sessions);
    known_keys_free(&keys);
    config_free(&config);
    return status;
}
