/*
 * dump_config: prints as JSON what the AWS files, the environment and the
 * options come to. A program for developers and for test_config_botocore.py,
 * which compares its output with botocore's; it is not installed.
 *
 *     dump_config [--profile NAME] [--region NAME] [--session-duration N]
 *                 [--stored NAME]
 *
 * --stored says that the keyring has a key of that profile. Secrets are
 * printed as a hash (FNV-1a), never as they are. Exit status 0, also when the
 * result is an error: that is printed, too.
 */
#include "cli/config/config_text.h"
#include "cli/config/profile.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *stored_profile;

static bool
is_stored(const char *profile)
{
    return stored_profile != NULL && strcmp(profile, stored_profile) == 0;
}

static void
add_hash(cJSON *object, const char *name, const char *secret)
{
    uint64_t hash = 14695981039346656037U;
    char text[32];

    for (; *secret != '\0'; secret++)
        hash = (hash ^ (unsigned char)*secret) * 1099511628211U;
    snprintf(text, sizeof(text), "fnv:%016" PRIx64, hash);
    cJSON_AddStringToObject(object, name, text);
}

static void
add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

/* A block as an object; of equal names the last one counts. */
static void
add_nested(cJSON *object, const char *name, const char *block)
{
    cJSON *nested = cJSON_CreateObject();
    size_t size = strlen(block) + 1;
    char *copy = strdup(block);
    char *value = malloc(size);
    struct config_span rest = {copy, copy + size - 1};
    struct config_span line;

    while (config_text_next_line(&rest, &line)) {
        struct config_span key = line;

        key.end = memchr(line.begin, '=', (size_t)(line.end - line.begin));
        if (key.end == NULL)
            continue;
        key = config_text_trim(key);
        *key.end = '\0';
        cJSON_DeleteItemFromObjectCaseSensitive(nested, key.begin);
        if (config_nested_get(block, key.begin, value, size) >= 0)
            cJSON_AddStringToObject(nested, key.begin, value);
    }
    cJSON_AddItemToObject(object, name, nested);
    free(value);
    free(copy);
}

static void
add_entries(cJSON *object, const struct config_entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct config_entry *entry = &entries[i];

        if (cJSON_GetObjectItemCaseSensitive(object, entry->key) != NULL)
            continue;
        if (entry->nested)
            add_nested(object, entry->key, entry->value);
        else if (strstr(entry->key, "secret") != NULL)
            add_hash(object, entry->key, entry->value);
        else
            cJSON_AddStringToObject(object, entry->key, entry->value);
    }
}

static void
add_profile(cJSON *object, const struct config *config, const char *name)
{
    cJSON *merged = cJSON_AddObjectToObject(object, name);

    for (int file = 1; file >= 0; file--) {
        const struct config_section *section = config_section(config, name,
                                                              file == 1);

        if (section == NULL)
            continue;
        add_entries(merged, section->entries, section->entry_count);
        add_entries(merged, section->defaults, section->default_count);
    }
}

static void
add_config(cJSON *root, const struct config *config)
{
    cJSON *profiles = cJSON_AddObjectToObject(root, "profiles");

    for (size_t i = 0; i < config->profile_count; i++)
        add_profile(profiles, config, config_profile_name(config, i));
}

static void
add_endpoint(cJSON *object, const char *name, const struct endpoint *endpoint)
{
    cJSON *item = cJSON_AddObjectToObject(object, name);
    char url[2048];

    snprintf(url, sizeof(url), "%s%s", endpoint->origin, endpoint->path);
    cJSON_AddStringToObject(item, "url", url);
    cJSON_AddStringToObject(item, "host", endpoint->host);
    cJSON_AddStringToObject(item, "signing_region", endpoint->region);
    cJSON_AddBoolToObject(item, "custom", endpoint->custom);
}

static void
add_roles(cJSON *object, const struct profile *profile)
{
    cJSON *roles = cJSON_AddArrayToObject(object, "roles");

    for (size_t i = 0; i < profile->role_count; i++) {
        const struct role *role = &profile->roles[i];
        cJSON *item = cJSON_CreateObject();

        cJSON_AddStringToObject(item, "profile", role->profile);
        cJSON_AddStringToObject(item, "arn", role->arn);
        cJSON_AddStringToObject(item, "session_name", role->session_name);
        add_text(item, "external_id", role->external_id);
        cJSON_AddNumberToObject(item, "duration", role->duration);
        cJSON_AddItemToArray(roles, item);
    }
}

static void
add_resolved(cJSON *root, const struct profile *profile)
{
    static const char *const sources[] = {"none", "environment",
                                          "credentials file", "config file"};
    cJSON *parent;
    cJSON *endpoints;

    cJSON_AddStringToObject(root, "name", profile->name);
    cJSON_AddBoolToObject(root, "in_files", profile->in_files);
    add_text(root, "region", profile->region);
    parent = cJSON_AddObjectToObject(root, "parent");
    cJSON_AddStringToObject(parent, "source", sources[profile->parent]);
    cJSON_AddStringToObject(parent, "profile", profile->base);
    if (profile->parent != PARENT_NONE) {
        cJSON_AddStringToObject(parent, "access_key_id",
                                profile->access_key_id);
        add_hash(parent, "secret", profile->secret.data);
    }
    add_roles(root, profile);
    add_text(root, "mfa_serial", profile->mfa_serial);
    cJSON_AddNumberToObject(root, "duration", profile->duration);
    add_text(root, "ca_bundle", profile->ca_bundle);
    endpoints = cJSON_AddObjectToObject(root, "endpoints");
    add_endpoint(endpoints, "sts", &profile->sts);
    add_endpoint(endpoints, "iam", &profile->iam);
}

static int
parse_options(int argc, char **argv, struct profile_options *options)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return -1;
        if (strcmp(argv[i], "--profile") == 0)
            options->profile = argv[i + 1];
        else if (strcmp(argv[i], "--region") == 0)
            options->region = argv[i + 1];
        else if (strcmp(argv[i], "--session-duration") == 0)
            options->duration = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--stored") == 0)
            stored_profile = argv[i + 1];
        else
            return -1;
    }
    return 0;
}

int
main(int argc, char **argv)
{
    struct profile_options options = {.is_stored = is_stored};
    struct profile profile = {0};
    struct config config = {0};
    struct report report = {""};
    cJSON *root = cJSON_CreateObject();
    const char *stage = "config";
    int status = -1;
    char *text;

    if (parse_options(argc, argv, &options) != 0) {
        fprintf(stderr, "usage: see the head of dump_config.c\n");
        return 2;
    }
    if (config_load(&config, &report) == 0) {
        add_config(root, &config);
        stage = "profile";
        status = profile_resolve(&profile, &config, &options, &report);
    }
    if (status == 0) {
        add_resolved(root, &profile);
    } else {
        cJSON_AddStringToObject(root, "stage", stage);
        cJSON_AddStringToObject(root, "error", report.text);
    }
    text = cJSON_PrintUnformatted(root);
    puts(text);
    free(text);
    cJSON_Delete(root);
    profile_free(&profile);
    config_free(&config);
    return 0;
}
