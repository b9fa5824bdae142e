/*
 * The keys that a person has here: see known_key.h. Part of aws-session.
 */
#include "known_key.h"

#include "key_shape.h"
#include "stash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An id that may be shown. */
static void
copy_id(struct known_key *key, const char *id)
{
    struct report ignored;

    /* The id of a temporary key is of the wrong kind, and no secret. */
    if (key_shape_check_id(id, &ignored) == 0 || strncmp(id, "ASIA", 4) == 0)
        snprintf(key->id, sizeof(key->id), "%s", id);
}

static struct known_key *
add(struct known_keys *keys, const char *profile)
{
    struct known_key *all = reallocarray(keys->keys, keys->count + 1,
                                         sizeof(*all));
    struct known_key *key;

    if (all == NULL)
        return NULL;
    keys->keys = all;
    key = &all[keys->count];
    *key = (struct known_key){.profile = strdup(profile)};
    if (key->profile == NULL)
        return NULL;
    keys->count++;
    return key;
}

/* Who can read a file of the user's, by its mode. */
static void
name_file_readers(struct known_key *key, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IRGRP)) != 0)
        snprintf(key->readers, sizeof(key->readers),
                 "every program of yours, and others: the file's mode is %04o",
                 (unsigned)(st.st_mode & 07777));
    else
        snprintf(key->readers, sizeof(key->readers), "every program of yours");
}

void
known_key_describe(struct known_key *key, const char *profile)
{
    struct parent_key found = {0};
    enum refusal refusal;
    struct report report = {"?"};

    if (parent_key_describe(profile, &found, &refusal, &report) == 0) {
        copy_id(key, found.access_key_id);
        key->protection = found.protection;
    }
    if (key->protection == PROTECTION_SERVICE)
        snprintf(key->readers, sizeof(key->readers), "the signer only");
    else if (key->protection != 0)
        snprintf(key->readers, sizeof(key->readers), "every program of yours");
    else
        snprintf(key->readers, sizeof(key->readers), "unknown: %.140s",
                 report.text);
}

static bool
is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

static int
add_environment(struct known_keys *keys)
{
    const char *id = getenv("AWS_ACCESS_KEY_ID");
    struct known_key *key;

    /* Of a session, maybe one of ours. */
    if (id == NULL || *id == '\0' || is_set("AWS_SESSION_TOKEN") ||
        is_set("AWS_SECURITY_TOKEN"))
        return 0;
    key = add(keys, "");
    if (key == NULL)
        return -1;
    key->source = PARENT_ENVIRONMENT;
    copy_id(key, id);
    snprintf(key->readers, sizeof(key->readers), "every program of yours");
    return 0;
}

static int
add_stored(struct known_keys *keys, struct report *report)
{
    char **names = NULL;
    size_t count = 0;
    int result = parent_key_names(&names, &count, report);

    for (size_t i = 0; result == 0 && i < count; i++) {
        bool stashed = stash_key_id(names[i]) != NULL;
        struct known_key *key = add(keys, stashed ? "" : names[i]);

        if (key == NULL)
            result = report_set(report, "out of memory");
        else
            known_key_describe(key, names[i]);
        if (key != NULL && stashed)
            key->source = PARENT_STASHED;
    }
    parent_key_names_free(names, count);
    return result;
}

static int
add_from_file(struct known_keys *keys, const struct config *config,
              const char *profile, bool from_credentials)
{
    const char *id = config_get_in(config, profile, "aws_access_key_id",
                                   from_credentials);
    struct known_key *key;

    if (id == NULL)
        return 0;
    key = add(keys, profile);
    if (key == NULL)
        return -1;
    key->source = from_credentials ? PARENT_CREDENTIALS_FILE
                                   : PARENT_CONFIG_FILE;
    copy_id(key, id);
    name_file_readers(key, from_credentials ? config->credentials.path
                                            : config->config.path);
    return 0;
}

void
known_keys_keep(struct known_keys *keys, const char *profile)
{
    size_t kept = 0;

    for (size_t i = 0; i < keys->count; i++) {
        if (strcmp(keys->keys[i].profile, profile) == 0)
            keys->keys[kept++] = keys->keys[i];
        else
            free(keys->keys[i].profile);
    }
    keys->count = kept;
}

/* By profile, and then as sources go before each other. */
static int
compare(const void *a, const void *b)
{
    const struct known_key *one = a, *other = b;
    int names = strcmp(one->profile, other->profile);

    return names != 0 ? names : (int)one->source - (int)other->source;
}

int
known_keys_find(struct known_keys *keys, const struct config *config,
                struct report *report)
{
    *keys = (struct known_keys){0};
    if (add_stored(keys, report) != 0)
        goto failed;
    report_set(report, "out of memory");
    if (add_environment(keys) != 0)
        goto failed;
    for (size_t i = 0; i < config->profile_count; i++) {
        const char *profile = config_profile_name(config, i);

        if (add_from_file(keys, config, profile, true) != 0 ||
            add_from_file(keys, config, profile, false) != 0)
            goto failed;
    }
    if (keys->count > 0)
        qsort(keys->keys, keys->count, sizeof(*keys->keys), compare);
    return 0;
failed:
    known_keys_free(keys);
    return -1;
}

void
known_keys_free(struct known_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->keys[i].profile);
    free(keys->keys);
    *keys = (struct known_keys){0};
}

const char *
known_key_place(const struct known_key *key)
{
    switch (key->source) {
    case PARENT_ENVIRONMENT:
        return "environment";
    case PARENT_CREDENTIALS_FILE:
        return "credentials_file";
    case PARENT_CONFIG_FILE:
        return "config_file";
    case PARENT_NONE:
    case PARENT_STASHED:
        break;
    }
    return "keyring";
}
