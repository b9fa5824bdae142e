/*
 * Settings and variables that do not mean what they seem to. Part of
 * aws-session.
 *
 * What is read differently by the AWS CLI, the SDKs and people: comments
 * behind values, quotes, empty values, left-over variables. A value is never
 * shown: it may be a secret.
 */
#include "clock.h"
#include "doctor_checks.h"

#include <stdlib.h>
#include <string.h>

/* Commands for a shell, where these characters have a use. */
static bool
is_command(const char *key)
{
    static const char *const names[] = {"credential_process", "mfa_process",
                                        "cli_pager"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(key, names[i]) == 0)
            return true;
    return false;
}

static bool
is_quoted(const char *value)
{
    size_t length = strlen(value);

    return length >= 2 && (value[0] == '"' || value[0] == '\'') &&
           value[length - 1] == value[0];
}

static bool
has_comment(const char *value)
{
    return strstr(value, " #") != NULL || strstr(value, " ;") != NULL ||
           strstr(value, "\t#") != NULL || strstr(value, "\t;") != NULL;
}

/* Set to nothing is not the same as left out, for these. */
static bool
is_empty(const struct config_entry *entry)
{
    static const char *const names[] = {"mfa_serial", "external_id", "region",
                                        "role_arn", "source_profile"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (entry->value[0] == '\0' && strcmp(entry->key, names[i]) == 0)
            return true;
    return false;
}

/* Returns whether there is nothing to say. */
static bool
check_entry(struct doctor *doctor, const struct config_file *file,
            const struct config_entry *entry)
{
    const char *what;

    if (entry->nested || is_command(entry->key))
        return true;
    if (has_comment(entry->value))
        what = "a comment behind the value is a part of the value for the AWS "
               "CLI: give it a line of its own";
    else if (is_quoted(entry->value))
        what = "the quotes are a part of the value: take them away";
    else if (is_empty(entry))
        what = "it is set to nothing, which is not the same as left out: take "
               "it away";
    else
        return true;
    report_set(doctor_warning(doctor, "%.100s: %s", entry->key, what),
               "change %s, line %u", file->path, entry->line);
    return false;
}

static bool
check_file(struct doctor *doctor, const struct config_file *file)
{
    bool good = true;

    for (size_t i = 0; i < file->section_count; i++) {
        const struct config_section *section = &file->sections[i];

        for (size_t j = 0; j < section->entry_count; j++)
            good &= check_entry(doctor, file, &section->entries[j]);
    }
    return good;
}

void
doctor_check_settings(struct doctor *doctor)
{
    bool good = true;

    if (!doctor->has_config)
        return;
    good &= check_file(doctor, &doctor->config.config);
    good &= check_file(doctor, &doctor->config.credentials);
    if (good)
        doctor_ok(doctor, "no value holds a comment, quotes or nothing");
}

static const char *
get(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* Set to nothing is set, to the AWS CLI. Returns whether there is nothing to
 * say. */
static bool
check_empty_variables(struct doctor *doctor)
{
    static const char *const names[] = {
        "AWS_PROFILE",     "AWS_DEFAULT_PROFILE",
        "AWS_REGION",      "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"};
    bool good = true;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value == NULL || *value != '\0')
            continue;
        good = false;
        report_set(doctor_warning(doctor,
                                  "%s is set to nothing, which is not the "
                                  "same as not set",
                                  names[i]),
                   "unset %s", names[i]);
    }
    return good;
}

static bool
check_profile_variable(struct doctor *doctor, bool inside)
{
    const char *name = get("AWS_PROFILE");

    if (name == NULL)
        return true;
    if (inside)
        report_set(doctor_warning(doctor, "AWS_PROFILE is set inside of a "
                                          "session: some SDKs prefer it to "
                                          "the session's keys"),
                   "unset AWS_PROFILE");
    else if (doctor->has_config &&
             !config_has_profile(&doctor->config, name) &&
             !session_parent_is_stored(name))
        report_set(doctor_warning(doctor,
                                  "AWS_PROFILE names a profile that there is "
                                  "not: %.200s",
                                  name),
                   "unset AWS_PROFILE");
    else
        return true;
    return false;
}

/* Left over from a session that is no more. */
static bool
check_stale_variables(struct doctor *doctor)
{
    static const struct {
        const char *name, *effect;
    } stale[] = {
        {"AWS_SECURITY_TOKEN", "boto prefers it to AWS_SESSION_TOKEN"},
        {"AWS_SESSION_TOKEN", "the AWS CLI sends it with any key of the "
                              "environment"},
        {"AWS_CREDENTIAL_EXPIRATION", "boto believes it of whatever key it "
                                      "finds in the environment"},
        {"AWS_SESSION_EXPIRES", "prompts show it"},
    };
    bool good = true;

    for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++) {
        if (get(stale[i].name) == NULL)
            continue;
        good = false;
        report_set(doctor_warning(doctor, "%s is set outside of a session: %s",
                                  stale[i].name, stale[i].effect),
                   "unset %s", stale[i].name);
    }
    return good;
}

/* The session of this shell, by its variable: 0 if it has not expired. */
static bool
check_own_session(struct doctor *doctor)
{
    const char *expires = get("AWS_SESSION_EXPIRES");

    if (expires == NULL || strtoll(expires, NULL, 10) > clock_now())
        return true;
    report_set(doctor_warning(doctor, "the session of this shell has expired"),
               "eval \"$(aws-session refresh)\"");
    return false;
}

void
doctor_check_environment(struct doctor *doctor)
{
    const char *id = get("AWS_ACCESS_KEY_ID");
    bool inside = get("AWS_SESSION_PROFILE") != NULL && id != NULL &&
                  strncmp(id, "ASIA", 4) == 0;
    bool good = check_empty_variables(doctor);

    good &= check_profile_variable(doctor, inside);
    good &= inside ? check_own_session(doctor) : check_stale_variables(doctor);
    if (good)
        doctor_ok(doctor, "%s; no variable contradicts it",
                  inside ? "inside of a session" : "outside of a session");
}
