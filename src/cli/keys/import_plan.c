/*
 * What an import has to do: see import_plan.h. Part of aws-session.
 */
#include "import_plan.h"

#include "debug.h"
#include "key_shape.h"
#include "signer_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A key that stands in a section itself and has a value: what [DEFAULT] gives
 * to all sections belongs to no profile. */
static const struct config_entry *
find_own(const struct config_section *section, const char *key)
{
    for (size_t i = 0; section != NULL && i < section->entry_count; i++)
        if (strcmp(section->entries[i].key, key) == 0 &&
            section->entries[i].value[0] != '\0')
            return &section->entries[i];
    return NULL;
}

/* What a section has of a key. */
struct found {
    const struct config_entry *id;
    const struct config_entry *secret;
    bool token;
};

static struct found
look(const struct config_section *section)
{
    return (struct found){
        find_own(section, "aws_access_key_id"),
        find_own(section, "aws_secret_access_key"),
        find_own(section, "aws_session_token") != NULL ||
            find_own(section, "aws_security_token") != NULL,
    };
}

/*
 * Take the pair of one file. Returns 1 if there is one, 0 if not, -1 if the
 * profile is to be left out, after saying why.
 */
static int
take_place(struct import_item *item, const struct config *config,
           bool from_credentials)
{
    const struct config_file *file = from_credentials ? &config->credentials
                                                      : &config->config;
    const struct config_section *section = config_section(
        config, item->profile, from_credentials);
    const struct found found = look(section);
    unsigned id, secret;

    if (found.id == NULL && found.secret == NULL)
        return 0;
    if (found.token) {
        warn_line("profile %.100s: left where it is: temporary keys, with a "
                  "session token (%.300s, line %u)",
                  item->profile, file->path, section->line);
        return -1;
    }
    if (found.id == NULL || found.secret == NULL) {
        warn_line("profile %.100s: left where it is: half a key, without "
                  "aws_%s (%.300s, line %u)",
                  item->profile,
                  found.id == NULL ? "access_key_id" : "secret_access_key",
                  file->path, section->line);
        return -1;
    }
    if (item->place_count > 0 &&
        (strcmp(item->access_key_id, found.id->value) != 0 ||
         strcmp(item->secret_access_key, found.secret->value) != 0)) {
        warn_line("profile %.100s: left where it is: it has two different "
                  "keys, %.200s, line %u, and %.200s, line %u: remove one",
                  item->profile, item->places[0].path,
                  item->places[0].lines[0], file->path, found.id->line);
        return -1;
    }
    id = found.id->line;
    secret = found.secret->line;
    item->access_key_id = found.id->value;
    item->secret_access_key = found.secret->value;
    item->places[item->place_count++] = (struct import_place){
        file->path,
        section->name,
        {id < secret ? id : secret, id < secret ? secret : id},
    };
    return 1;
}

/* What the keyring has of the profile. Returns 0, or -1 after saying why. */
static int
find_state(struct import_item *item)
{
    struct parent_key stored;
    enum refusal refusal;
    struct report report;

    if (parent_key_describe(item->profile, &stored, &refusal, &report) != 0) {
        if (refusal != REFUSAL_NO_KEY && refusal != REFUSAL_BAD_KEY) {
            warn_line("profile %.100s: %s", item->profile, report.text);
            return -1;
        }
        item->state = refusal == REFUSAL_NO_KEY ? IMPORT_NEW : IMPORT_OTHER;
        return 0;
    }
    memcpy(item->stored_id, stored.access_key_id, sizeof(item->stored_id));
    if (strcmp(stored.access_key_id, item->access_key_id) != 0)
        item->state = IMPORT_OTHER;
    else if (stored.protection == PROTECTION_USER &&
             signer_state_find(&report) == SIGNER_PROTECTS)
        item->state = IMPORT_EXPOSED;
    else
        item->state = IMPORT_STORED;
    return 0;
}

/* Add a profile if it has a key. Returns 1 if so, 0 if not, -1 if it was left
 * out, -2 if the signer does not say what is stored. */
static int
add_profile(struct import_plan *plan, const struct config *config,
            const char *profile)
{
    struct import_item *item = &plan->items[plan->count];
    struct report report;

    *item = (struct import_item){.profile = profile};
    for (int file = 0; file < 2; file++)
        if (take_place(item, config, file == 0) < 0)
            return -1;
    if (item->place_count == 0)
        return 0;
    if (key_shape_check_profile(profile, &report) != 0 ||
        key_shape_check_id(item->access_key_id, &report) != 0) {
        warn_line("profile %.100s: left where it is: %s", profile,
                  report.text);
        return -1;
    }
    if (find_state(item) != 0)
        return -2;
    plan->count++;
    return 1;
}

int
import_plan_make(struct import_plan *plan, const struct config *config,
                 char *const *names, struct report *report)
{
    size_t named = 0;

    while (names != NULL && names[named] != NULL)
        named++;
    *plan = (struct import_plan){.count = 0};
    plan->items = calloc(config->profile_count + named + 1,
                         sizeof(*plan->items));
    if (plan->items == NULL)
        return report_set(report, "out of memory");
    for (size_t i = 0; named == 0 && i < config->profile_count; i++) {
        int added = add_profile(plan, config, config_profile_name(config, i));

        plan->left += added == -1;
        plan->failed += added == -2;
    }
    for (size_t i = 0; i < named; i++) {
        char files[600];
        int added = add_profile(plan, config, names[i]);

        if (added == 0)
            warn_line("profile %.100s: there is no access key of it in %s",
                      names[i], config_describe(config, files, sizeof(files)));
        plan->failed += added <= 0;
    }
    return 0;
}

void
import_plan_free(struct import_plan *plan)
{
    free(plan->items);
    *plan = (struct import_plan){.count = 0};
}
