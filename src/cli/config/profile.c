/*
 * Resolving a profile: see profile.h. Part of aws-session, runs as the user.
 */
#include "profile.h"

#include "partition.h"
#include "profile_name.h"
#include "profile_parent.h"
#include "profile_process.h"
#include "profile_roles.h"
#include "profile_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHERE_SIZE = 512 };

/* What resolving works on. */
struct selection {
    struct profile *profile;
    const struct config *config;
    const struct profile_options *options;
    struct report *report;
};

/* One of the places that may name a region or a CA bundle, in their order. */
struct place {
    const char *name;
    const char *value; /* NULL: not set */
};

static int
no_memory(const struct selection *selection)
{
    return report_set(selection->report, "out of memory for a profile");
}

static int
select_name(const struct selection *selection)
{
    struct profile *profile = selection->profile;
    const char *name = profile_name_choose(
        selection->config, selection->options, selection->report);

    if (name == NULL)
        return -1;
    profile->in_files = config_has_profile(selection->config, name);
    profile->name = strdup(name);
    return profile->name != NULL ? 0 : no_memory(selection);
}

/* The region of a profile, or what goes before it; NULL for none. */
static int
find_region(const struct selection *selection, const char *of,
            const char **region)
{
    char where[WHERE_SIZE];
    const struct place places[] = {
        {"--region", selection->options->region},
        {"AWS_REGION", getenv("AWS_REGION")},
        {"AWS_DEFAULT_REGION", getenv("AWS_DEFAULT_REGION")},
        {where, config_get(selection->config, of, "region")},
    };
    size_t count = sizeof(places) / sizeof(places[0]);
    size_t i = 0;

    while (i < count && places[i].value == NULL)
        i++;
    *region = NULL;
    if (i == count)
        return 0;
    config_where(selection->config, of, "region", where, sizeof(where));
    if (*places[i].value == '\0')
        return report_set(selection->report,
                          "%s: the region is set but empty; name one like "
                          "eu-west-1, or remove the setting",
                          places[i].name);
    if (!partition_region_is_valid(places[i].value))
        return report_set(selection->report,
                          "%s: region '%.100s' cannot be a part of a host "
                          "name; write one like eu-west-1%s",
                          places[i].name, places[i].value,
                          profile_value_hint(places[i].value));
    *region = places[i].value;
    return 0;
}

static int
select_region(const struct selection *selection)
{
    struct profile *profile = selection->profile;
    const char *region;

    if (find_region(selection, profile->name, &region) != 0)
        return -1;
    profile->region = region != NULL ? strdup(region) : NULL;
    return region == NULL || profile->region != NULL ? 0
                                                     : no_memory(selection);
}

/* The key, and the roles on the way to it. */
static int
select_parent(const struct selection *selection)
{
    struct profile *profile = selection->profile;

    if (selection->options->profile == NULL &&
        profile_parent_from_environment(profile, selection->report) != 0)
        return -1;
    if (selection->options->profile == NULL &&
        profile->parent == PARENT_NONE &&
        profile_parent_from_stash(profile, selection->report) != 0)
        return -1;
    if (profile->parent != PARENT_NONE) {
        profile->settings = strdup(profile->name);
        profile->base = strdup(profile->name);
        return profile->settings != NULL && profile->base != NULL
                   ? 0
                   : no_memory(selection);
    }
    profile->settings = profile_process_follow(
        selection->config, selection->options, profile->name,
        selection->report);
    if (profile->settings == NULL)
        return -1;
    if (profile_roles_resolve(profile, selection->config, selection->options,
                              selection->report) != 0)
        return -1;
    return profile_parent_from_files(profile, selection->config,
                                     selection->options, selection->report);
}

static void
select_duration(const struct selection *selection)
{
    struct profile *profile = selection->profile;

    /* With roles it is the last role's, and was looked at there. */
    profile->duration = selection->options->duration != 0 &&
                                profile->role_count == 0
                            ? selection->options->duration
                            : DURATION_DEFAULT;
}

/* What concerns the MFA device: the selected profile's, else that of the
 * profile with the key; *of is the one that has it. */
static const char *
get_own_or_base(const struct selection *selection, const char *key,
                const char **of)
{
    const char *value;

    *of = selection->profile->settings;
    value = config_get(selection->config, *of, key);
    if (value == NULL) {
        *of = selection->profile->base;
        value = config_get(selection->config, *of, key);
    }
    return value;
}

static int
select_mfa_serial(const struct selection *selection)
{
    struct profile *profile = selection->profile;
    char where[WHERE_SIZE] = "--mfa-serial (AWS_SESSION_MFA_SERIAL)";
    const char *serial = selection->options->mfa_serial;
    const char *of;

    if (serial == NULL) {
        serial = get_own_or_base(selection, "mfa_serial", &of);
        if (serial == NULL)
            return 0;
        config_where(selection->config, of, "mfa_serial", where,
                     sizeof(where));
    }
    if (profile_value_check(VALUE_MFA_SERIAL, serial, where,
                            selection->report) != 0)
        return -1;
    profile->mfa_serial = strdup(serial);
    return profile->mfa_serial != NULL ? 0 : no_memory(selection);
}

/* An empty one is none, also where the base profile has one. */
static int
select_mfa_process(const struct selection *selection)
{
    struct profile *profile = selection->profile;
    char where[WHERE_SIZE], place[WHERE_SIZE + 128];
    const char *of;
    const char *process = get_own_or_base(selection, "mfa_process", &of);

    if (process == NULL || *process == '\0')
        return 0;
    config_where(selection->config, of, "mfa_process", where, sizeof(where));
    snprintf(place, sizeof(place), "profile %.100s (%s)", of, where);
    profile->mfa_process = strdup(process);
    profile->mfa_process_place = strdup(place);
    return profile->mfa_process != NULL && profile->mfa_process_place != NULL
               ? 0
               : no_memory(selection);
}

/* Here empty is unset: no tool means "trust nobody" or "trust all" by it. */
static int
select_ca_bundle(const struct selection *selection)
{
    struct profile *profile = selection->profile;
    char where[WHERE_SIZE];
    const struct place places[] = {
        {"AWS_CA_BUNDLE", getenv("AWS_CA_BUNDLE")},
        {where, config_get(selection->config, profile->settings, "ca_bundle")},
        {"REQUESTS_CA_BUNDLE", getenv("REQUESTS_CA_BUNDLE")},
    };
    size_t count = sizeof(places) / sizeof(places[0]);
    size_t i = 0;

    while (i < count && (places[i].value == NULL || *places[i].value == '\0'))
        i++;
    if (i == count)
        return 0;
    config_where(selection->config, profile->settings, "ca_bundle", where,
                 sizeof(where));
    if (access(places[i].value, R_OK) != 0)
        return report_set(selection->report,
                          "%s: CA bundle %.300s cannot be read: %s; correct "
                          "the path (~ and $NAME are not expanded)%s",
                          places[i].name, places[i].value, strerror(errno),
                          profile_value_hint(places[i].value));
    profile->ca_bundle = strdup(places[i].value);
    return profile->ca_bundle != NULL ? 0 : no_memory(selection);
}

static int
select_endpoint(const struct selection *selection, enum service service,
                struct endpoint *endpoint)
{
    const char *of = selection->profile->settings, *region;

    /* Of one session, whichever of its profiles it is got by. */
    if (find_region(selection, of, &region) != 0)
        return -1;
    return endpoint_resolve(endpoint, service, selection->config, of, region,
                            selection->report);
}

int
profile_resolve(struct profile *profile, const struct config *config,
                const struct profile_options *options, struct report *report)
{
    const struct selection selection = {profile, config, options, report};

    *profile = (struct profile){0};
    if (select_name(&selection) == 0 && select_region(&selection) == 0 &&
        select_parent(&selection) == 0 && select_mfa_serial(&selection) == 0 &&
        select_mfa_process(&selection) == 0 &&
        select_ca_bundle(&selection) == 0 &&
        select_endpoint(&selection, SERVICE_STS, &profile->sts) == 0 &&
        select_endpoint(&selection, SERVICE_IAM, &profile->iam) == 0) {
        select_duration(&selection);
        return 0;
    }
    profile_free(profile);
    return -1;
}

void
profile_free(struct profile *profile)
{
    free(profile->name);
    free(profile->region);
    free(profile->settings);
    free(profile->base);
    free(profile->access_key_id);
    secret_free(&profile->secret);
    free(profile->mfa_serial);
    free(profile->mfa_process);
    free(profile->mfa_process_place);
    profile_roles_free(profile);
    endpoint_free(&profile->sts);
    endpoint_free(&profile->iam);
    free(profile->ca_bundle);
    *profile = (struct profile){0};
}
