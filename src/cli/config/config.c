/*
 * The profiles of both AWS files: see config.h. Part of aws-session, runs as
 * the user. Never writes a file.
 */
#include "config.h"

#include "config_name.h"
#include "config_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST_MAX = 64 }; /* bytes: longer names are not compared */

/* [0] of the config file, [1] of the credentials file; NULL for none. */
struct config_profile {
    const char *name;
    const struct config_section *sections[2];
};

/* The profile that a section of the config file is, NULL if it is none. */
static const char *
profile_name(const struct config_section *section, char *buffer)
{
    if (strcmp(section->name, "default") == 0)
        return strcpy(buffer, section->name);
    return config_name_of(section->name, "profile", buffer);
}

/* By name, then in the order of the files, so that the last one can win. */
static int
compare_profiles(const void *left, const void *right)
{
    const struct config_profile *a = left;
    const struct config_profile *b = right;
    int order = strcmp(a->name, b->name);

    for (int i = 0; order == 0 && i < 2; i++) {
        if ((a->sections[i] == NULL) != (b->sections[i] == NULL))
            order = a->sections[i] == NULL ? 1 : -1;
        else if (a->sections[i] != b->sections[i])
            order = a->sections[i] < b->sections[i] ? -1 : 1;
    }
    return order;
}

/* Profiles of one name into one: a later section replaces an earlier one. */
static void
join_profiles(struct config *config)
{
    struct config_profile *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < config->profile_count; i++) {
        const struct config_profile *profile = &config->profiles[i];

        if (last == NULL || strcmp(last->name, profile->name) != 0) {
            last = &config->profiles[count++];
            *last = *profile;
            continue;
        }
        for (int file = 0; file < 2; file++) {
            if (profile->sections[file] != NULL)
                last->sections[file] = profile->sections[file];
        }
    }
    config->profile_count = count;
}

/* Room for every name of a section of the config file, unquoted. */
static size_t
names_size(const struct config_file *file)
{
    size_t size = 1;

    for (size_t i = 0; i < file->section_count; i++)
        size += strlen(file->sections[i].name) + 1;
    return size;
}

int
config_index(struct config *config, struct report *report)
{
    const struct config_file *file = &config->config;
    size_t most = file->section_count + config->credentials.section_count;
    char *name;

    config->names = malloc(names_size(file));
    config->profiles = calloc(most + 1, sizeof(*config->profiles));
    if (config->names == NULL || config->profiles == NULL)
        return report_set(report, "out of memory for the AWS profiles");
    name = config->names;
    for (size_t i = 0; i < file->section_count; i++) {
        if (profile_name(&file->sections[i], name) == NULL)
            continue;
        config->profiles[config->profile_count++] = (struct config_profile){
            .name = name, .sections[0] = &file->sections[i]};
        name += strlen(name) + 1;
    }
    file = &config->credentials;
    for (size_t i = 0; i < file->section_count; i++)
        config->profiles[config->profile_count++] = (struct config_profile){
            .name = file->sections[i].name, .sections[1] = &file->sections[i]};
    qsort(config->profiles, config->profile_count, sizeof(*config->profiles),
          compare_profiles);
    join_profiles(config);
    return 0;
}

int
config_load(struct config *config, struct report *report)
{
    *config = (struct config){0};
    if (config_path_find("AWS_CONFIG_FILE", "~/.aws/config",
                         &config->config_path, report) != 0)
        goto failed;
    if (config_path_find("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials",
                         &config->credentials_path, report) != 0)
        goto failed;
    if (config->config_path != NULL &&
        config_file_load(&config->config, config->config_path, report) != 0)
        goto failed;
    if (config->credentials_path != NULL &&
        config_file_load(&config->credentials, config->credentials_path,
                         report) != 0)
        goto failed;
    if (config_index(config, report) != 0)
        goto failed;
    return 0;

failed:
    config_free(config);
    return -1;
}

static const char *
state_of(const struct config_file *file)
{
    if (file->path != NULL)
        return "";
    return file->is_no_file ? " (no regular file)" : " (missing)";
}

const char *
config_describe(const struct config *config, char *buffer, size_t size)
{
    const char *first = config->config_path;
    const char *second = config->credentials_path;
    const char *why = getenv("HOME") == NULL ? " (HOME is not set)" : "";

    snprintf(buffer, size, "%.250s%s and %.250s%s",
             first != NULL ? first : "no config file",
             first != NULL ? state_of(&config->config) : why,
             second != NULL ? second : "no credentials file",
             second != NULL ? state_of(&config->credentials) : why);
    return buffer;
}

static int
compare_name(const void *name, const void *profile)
{
    return strcmp(name, ((const struct config_profile *)profile)->name);
}

static const struct config_profile *
find_profile(const struct config *config, const char *profile)
{
    if (config->profile_count == 0)
        return NULL;
    return bsearch(profile, config->profiles, config->profile_count,
                   sizeof(*config->profiles), compare_name);
}

bool
config_has_profile(const struct config *config, const char *profile)
{
    return find_profile(config, profile) != NULL;
}

const char *
config_profile_name(const struct config *config, size_t index)
{
    return config->profiles[index].name;
}

const struct config_section *
config_section(const struct config *config, const char *profile,
               bool from_credentials)
{
    const struct config_profile *found = find_profile(config, profile);

    return found != NULL ? found->sections[from_credentials] : NULL;
}

const char *
config_get_in(const struct config *config, const char *profile,
              const char *key, bool from_credentials)
{
    return config_section_get(
        config_section(config, profile, from_credentials), key);
}

const char *
config_get(const struct config *config, const char *profile, const char *key)
{
    const char *value = config_get_in(config, profile, key, true);

    return value != NULL ? value : config_get_in(config, profile, key, false);
}

const char *
config_where(const struct config *config, const char *profile, const char *key,
             char *buffer, size_t size)
{
    const struct config_section *of_config = config_section(config, profile,
                                                            false);
    const struct config_section *of_credentials = config_section(
        config, profile, true);
    const struct config_entry *entry = config_section_find(of_credentials,
                                                           key);
    bool in_credentials = entry != NULL;

    if (entry == NULL)
        entry = config_section_find(of_config, key);
    if (entry == NULL)
        in_credentials = of_config == NULL && of_credentials != NULL;
    if (entry == NULL && of_config == NULL && of_credentials == NULL)
        config_describe(config, buffer, size);
    else
        snprintf(buffer, size, "%s, line %u",
                 in_credentials ? config->credentials.path
                                : config->config.path,
                 entry != NULL    ? entry->line
                 : in_credentials ? of_credentials->line
                                  : of_config->line);
    return buffer;
}

const struct config_section *
config_services(const struct config *config, const char *name)
{
    const struct config_file *file = &config->config;
    const struct config_section *found = NULL;
    char *buffer = malloc(file->text.length + 1);

    for (size_t i = file->section_count; buffer != NULL && i-- > 0;) {
        const char *services = config_name_of(file->sections[i].name,
                                              "services", buffer);

        if (services != NULL && strcmp(services, name) == 0) {
            found = &file->sections[i];
            break;
        }
    }
    free(buffer);
    return found;
}

/* Levenshtein's distance of two names of at most NEAREST_MAX bytes. */
static size_t
edit_distance(const char *a, const char *b)
{
    size_t row[NEAREST_MAX + 1];
    size_t length = strlen(b);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[length];
}

const char *
config_nearest(const struct config *config, const char *profile)
{
    const char *nearest = NULL;
    size_t limit = strlen(profile) / 3;

    if (strlen(profile) > NEAREST_MAX)
        return NULL;
    for (size_t i = 0; i < config->profile_count; i++) {
        const char *name = config->profiles[i].name;
        size_t distance;

        /* Another case is always a near miss, however many letters differ. */
        if (strcasecmp(name, profile) == 0)
            return name;
        if (strlen(name) > NEAREST_MAX)
            continue;
        distance = edit_distance(profile, name);
        if (distance > limit || (nearest != NULL && distance == limit))
            continue;
        nearest = name;
        limit = distance;
    }
    return nearest;
}

void
config_free(struct config *config)
{
    config_file_free(&config->config);
    config_file_free(&config->credentials);
    free(config->config_path);
    free(config->credentials_path);
    free(config->profiles);
    free(config->names);
    *config = (struct config){0};
}
