/*
 * Fuzz target: the parser of AWS files, the profiles made of them, and the
 * resolving of a profile, with the input as config and as credentials file.
 *
 * The input is cut at the first line that is "%%": what is before it is the
 * config file, what is behind it the credentials file; without one it is both.
 * Besides what sanitizers find, the rules of config_file.h are asserted.
 */
#include "cli/config/profile.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
clear_environment(void)
{
    /* Nothing of the machine may decide what a run does. */
    static int done;

    if (!done && clearenv() == 0)
        done = 1;
}

/* Keys are lower case and not empty, each once; values have no blank ends. */
static void
check_section(const struct config_section *section)
{
    char buffer[256];

    assert(*section->name != '\0');
    for (size_t i = 0; i < section->entry_count; i++) {
        const struct config_entry *entry = &section->entries[i];
        size_t length = strlen(entry->value);

        assert(*entry->key != '\0' && entry->line > section->line);
        for (const char *p = entry->key; *p != '\0'; p++)
            assert(!(*p >= 'A' && *p <= 'Z'));
        assert(config_section_find(section, entry->key) == entry);
        assert(length == 0 ||
               strchr(" \t\n\r\v\f", entry->value[length - 1]) == NULL);
        assert(entry->nested == (*entry->value == '\n'));
        if (entry->nested)
            (void)config_nested_get(entry->value, "endpoint_url", buffer,
                                    sizeof(buffer));
    }
}

static int
parse(struct config_file *file, const uint8_t *data, size_t size)
{
    struct report report = {""};
    int status = config_file_parse(file, "input", (const char *)data, size,
                                   &report);

    assert((status == 0) == (report.text[0] == '\0'));
    assert(strlen(report.text) < REPORT_SIZE);
    for (size_t i = 0; i < file->section_count; i++)
        check_section(&file->sections[i]);
    return status;
}

/* Everything that a resolved profile promises. */
static void
check_profile(const struct profile *profile)
{
    assert(profile->name != NULL && profile->base != NULL);
    assert((profile->parent == PARENT_NONE) ==
           (profile->access_key_id == NULL));
    assert((profile->parent == PARENT_NONE) == (profile->secret.data == NULL));
    assert(profile->role_count <= PROFILE_MAX_ROLES);
    for (size_t i = 0; i < profile->role_count; i++) {
        const struct role *role = &profile->roles[i];

        assert(role->profile != NULL && role->arn != NULL);
        assert(role->session_name != NULL);
        assert(role->duration == 0 || role->duration >= DURATION_MIN);
        assert(role->duration <=
               (unsigned)(i == 0 ? DURATION_ROLE_MAX : DURATION_CHAIN_MAX));
    }
    assert(profile->sts.origin != NULL && profile->sts.path[0] == '/');
    assert(strncmp(profile->iam.origin, "http", 4) == 0);
}

static void
resolve_each(const struct config *config)
{
    for (size_t i = 0; i < config->profile_count; i++) {
        const char *name = config_profile_name(config, i);
        const struct profile_options options = {.profile = name};
        struct profile profile;
        struct report report = {""};
        char where[256];

        assert(config_has_profile(config, name));
        if (profile_resolve(&profile, config, &options, &report) == 0)
            check_profile(&profile);
        else
            assert(report.text[0] != '\0' && profile.name == NULL);
        profile_free(&profile);
        (void)config_where(config, name, "region", where, sizeof(where));
    }
    (void)config_nearest(config, "defautl");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {0};
    struct report report = {""};
    const uint8_t *cut = memmem(data, size, "\n%%\n", 4);
    size_t first = cut != NULL ? (size_t)(cut - data) + 1 : size;
    size_t skip = cut != NULL ? first + 3 : 0;
    int status;

    clear_environment();
    status = parse(&config.config, data, first);
    if (parse(&config.credentials, data + skip, size - skip) == 0 &&
        status == 0 && config_index(&config, &report) == 0)
        resolve_each(&config);
    config_free(&config);
    return 0;
}
