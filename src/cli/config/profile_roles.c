/*
 * Role chains: see profile_roles.h. Part of aws-session, runs as the user.
 */
#include "profile_roles.h"

#include "profile_parent.h"
#include "profile_process.h"
#include "profile_value.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WHERE_SIZE = 512, SESSION_NAME_MAX = 64 };

/* The walk along a chain, from the selected profile to the key. */
struct chain {
    const struct config *config;
    const struct profile_options *options;
    struct report *report;
    /* The profiles with a role, the selected one first. */
    const char *visited[PROFILE_MAX_ROLES];
    size_t count;
    char *sources[PROFILE_MAX_ROLES]; /* owned: one for each of them */
    const char *base;
};

static const char *
where(const struct chain *chain, const char *profile, const char *key,
      char buffer[WHERE_SIZE])
{
    return config_where(chain->config, profile, key, buffer, WHERE_SIZE);
}

/* A web identity is another kind of role: it is refused as such later. */
static bool
has_role(const struct config *config, const char *profile)
{
    return config_get(config, profile, "role_arn") != NULL &&
           config_get(config, profile, "web_identity_token_file") == NULL;
}

/* The source_profile of a profile with a role, NULL with a report if AWS's
 * tools or we cannot use what it says. */
static const char *
source_of(const struct chain *chain, const char *profile)
{
    const char *source = config_get(chain->config, profile, "source_profile");
    const char *kind = config_get(chain->config, profile, "credential_source");
    char place[WHERE_SIZE];

    if (source != NULL && kind != NULL)
        report_set(chain->report,
                   "%s: profile '%.100s' has both source_profile and "
                   "credential_source; remove one",
                   where(chain, profile, "credential_source", place), profile);
    else if (kind != NULL)
        report_set(chain->report,
                   "%s: credential_source = %.100s of profile '%.100s' is "
                   "not supported as the source of an MFA session; name a "
                   "profile with a long-lived key in source_profile",
                   where(chain, profile, "credential_source", place), kind,
                   profile);
    else if (source == NULL)
        report_set(chain->report,
                   "%s: profile '%.100s' has a role_arn but no "
                   "source_profile: add source_profile = NAME, the profile "
                   "with the key that may assume the role",
                   where(chain, profile, "role_arn", place), profile);
    return kind == NULL ? source : NULL;
}

static int
unknown_source(const struct chain *chain, const char *profile,
               const char *source)
{
    const char *nearest = config_nearest(chain->config, source);
    const char *hint = profile_value_hint(source);
    char place[WHERE_SIZE];

    where(chain, profile, "source_profile", place);
    if (*source == '\0')
        return report_set(chain->report,
                          "%s: source_profile of profile '%.100s' is empty; "
                          "name the profile with the key that may assume the "
                          "role",
                          place, profile);
    if (*hint == '\0' && nearest != NULL)
        return report_set(chain->report,
                          "%s: source_profile '%.100s' of profile '%.100s' "
                          "does not exist; did you mean '%.100s'?",
                          place, source, profile, nearest);
    return report_set(chain->report,
                      "%s: source_profile '%.100s' of profile '%.100s' does "
                      "not exist; add it, or correct the name%s",
                      place, source, profile, hint);
}

/*
 * A profile may name itself, to have key and role in one place; every other
 * way back is a circle, even if somewhere on it there is a key.
 */
static int
check_circle(const struct chain *chain, const char *profile,
             const char *source, const char *followed)
{
    char place[WHERE_SIZE];

    for (size_t i = 0; i < chain->count; i++) {
        if (strcmp(chain->visited[i], followed) != 0)
            continue;
        where(chain, profile, "source_profile", place);
        if (strcmp(source, profile) != 0)
            return report_set(chain->report,
                              "%s: source_profile '%.100s' of profile "
                              "'%.100s' leads back to a profile of the same "
                              "role chain; end the chain in a profile with an "
                              "access key",
                              place, source, profile);
        if (!profile_parent_exists(chain->config, chain->options, source))
            return report_set(chain->report,
                              "%s: profile '%.100s' is its own source_profile "
                              "and has no access key; add one, or name the "
                              "profile that has it",
                              place, profile);
    }
    return 0;
}

/* Walk from the selected profile to the one with the key. */
static int
follow(struct chain *chain, const char *profile)
{
    while (has_role(chain->config, profile)) {
        const char *source = source_of(chain, profile);
        char *followed;
        char place[WHERE_SIZE];

        if (source == NULL)
            return -1;
        if (!config_has_profile(chain->config, source) &&
            (*source == '\0' ||
             !profile_parent_is_stored(chain->options, source)))
            return unknown_source(chain, profile, source);
        if (chain->count == PROFILE_MAX_ROLES)
            return report_set(
                chain->report, "%s: a chain of more than %d roles; shorten it",
                where(chain, profile, "role_arn", place), PROFILE_MAX_ROLES);
        chain->visited[chain->count++] = profile;
        followed = profile_process_follow(chain->config, chain->options,
                                          source, chain->report);
        chain->sources[chain->count - 1] = followed;
        if (followed == NULL ||
            check_circle(chain, profile, source, followed) != 0)
            return -1;
        profile = source = followed;
        /* A source's own key goes before its own role. */
        if (!has_role(chain->config, source) ||
            profile_parent_exists(chain->config, chain->options, source))
            break;
    }
    chain->base = profile;
    return 0;
}

/* The session name that shows in CloudTrail when nobody chose one. */
static char *
default_session_name(void)
{
    const struct passwd *user = getpwuid(getuid());
    char name[SESSION_NAME_MAX + 1];

    if (user != NULL)
        snprintf(name, sizeof(name), "aws-session-%s", user->pw_name);
    else
        snprintf(name, sizeof(name), "aws-session-%u", (unsigned)getuid());
    profile_value_clean_session_name(name);
    return strdup(name);
}

static int
take_session_name(const struct chain *chain, struct role *role)
{
    const char *name = config_get(chain->config, role->profile,
                                  "role_session_name");
    char place[WHERE_SIZE];

    /* Empty is unset here, other than for an external id. */
    if (name == NULL || *name == '\0') {
        role->session_name = default_session_name();
        return 0;
    }
    if (profile_value_check(
            VALUE_ROLE_SESSION_NAME, name,
            where(chain, role->profile, "role_session_name", place),
            chain->report) != 0)
        return -1;
    role->session_name = strdup(name);
    return 0;
}

/* The duration of the file, which text that is no number does not set. */
static int
take_duration(const struct chain *chain, struct role *role, long limit)
{
    const char *text = config_get(chain->config, role->profile,
                                  "duration_seconds");
    char place[WHERE_SIZE];
    long number;

    if (text == NULL || !profile_value_number(text, &number))
        return 0;
    if (number < DURATION_MIN || number > limit)
        return report_set(
            chain->report,
            "%s: duration_seconds = %ld is out of range: AWS "
            "takes %d to %ld seconds for %s",
            where(chain, role->profile, "duration_seconds", place), number,
            DURATION_MIN, limit,
            limit == DURATION_CHAIN_MAX ? "a role that another role assumes"
                                        : "a role");
    role->duration = (unsigned)number;
    return 0;
}

/* --session-duration, for the last role of the chain. */
static int
take_option(const struct chain *chain, struct role *role, long limit)
{
    unsigned duration = chain->options->duration;

    if (duration < DURATION_MIN || duration > limit)
        return report_set(
            chain->report,
            "--session-duration (AWS_SESSION_DURATION): %u is "
            "out of range: AWS takes %d to %ld seconds for the "
            "role of profile '%.100s'%s",
            duration, DURATION_MIN, limit, role->profile,
            limit == DURATION_CHAIN_MAX ? ", which another role assumes" : "");
    role->duration = duration;
    return 0;
}

static int
take_role(const struct chain *chain, struct role *role, const char *profile,
          bool is_first, bool is_last)
{
    const struct config *config = chain->config;
    const char *arn = config_get(config, profile, "role_arn");
    const char *external_id = config_get(config, profile, "external_id");
    long limit = is_first ? DURATION_ROLE_MAX : DURATION_CHAIN_MAX;
    char place[WHERE_SIZE];

    role->profile = strdup(profile);
    role->arn = strdup(arn);
    if (role->profile == NULL || role->arn == NULL)
        return report_set(chain->report, "out of memory for a role");
    if (profile_value_check(VALUE_ROLE_ARN, arn,
                            where(chain, profile, "role_arn", place),
                            chain->report) != 0)
        return -1;
    if (external_id != NULL &&
        profile_value_check(VALUE_EXTERNAL_ID, external_id,
                            where(chain, profile, "external_id", place),
                            chain->report) != 0)
        return -1;
    if (external_id != NULL)
        role->external_id = strdup(external_id);
    if (take_session_name(chain, role) != 0)
        return -1;
    if (role->session_name == NULL ||
        (external_id != NULL && role->external_id == NULL))
        return report_set(chain->report, "out of memory for a role");
    return is_last && chain->options->duration != 0
               ? take_option(chain, role, limit)
               : take_duration(chain, role, limit);
}

/* The calls begin at the key, so they run against the chain. */
static int
take_roles(const struct chain *chain, struct profile *profile)
{
    profile->base = strdup(chain->base);
    if (profile->base == NULL)
        return report_set(chain->report, "out of memory for a profile");
    for (size_t i = 0; i < chain->count; i++) {
        profile->role_count++;
        if (take_role(chain, &profile->roles[i],
                      chain->visited[chain->count - 1 - i], i == 0,
                      i + 1 == chain->count) != 0)
            return -1;
    }
    return 0;
}

int
profile_roles_resolve(struct profile *profile, const struct config *config,
                      const struct profile_options *options,
                      struct report *report)
{
    struct chain chain = {
        .config = config, .options = options, .report = report};
    int result = follow(&chain, profile->settings);

    if (result == 0)
        result = take_roles(&chain, profile);
    for (size_t i = 0; i < chain.count; i++)
        free(chain.sources[i]);
    return result;
}

void
profile_roles_free(struct profile *profile)
{
    for (size_t i = 0; i < profile->role_count; i++) {
        struct role *role = &profile->roles[i];

        free(role->profile);
        free(role->arn);
        free(role->session_name);
        free(role->external_id);
        *role = (struct role){0};
    }
    profile->role_count = 0;
}
