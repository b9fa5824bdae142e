/*
 * A credential_process of ours: see profile_process.h. Part of aws-session,
 * runs as the user.
 */
#include "profile_process.h"

#include "config_name.h"
#include "profile_parent.h"

#include <stdlib.h>
#include <string.h>

enum { WHERE_SIZE = 512, MOST_STEPS = 16 };

/* What AWS's tools look for before credential_process; keys are
 * profile_parent_exists's business. */
static const char *const earlier[] = {
    "role_arn",       "web_identity_token_file",
    "sso_account_id", "sso_role_name",
    "sso_session",    "sso_start_url",
    "login_session"};

/* Read the program's name of a command; *rest is what follows. */
static bool
begins_with_us(const char **rest, char *word)
{
    const char *name;

    if (config_name_word(rest, word) != 1)
        return false;
    name = strrchr(word, '/');
    return strcmp(name != NULL ? name + 1 : word, "aws-session") == 0;
}

bool
profile_process_is_own(const char *command)
{
    char *word = malloc(strlen(command) + 1);
    bool own = word != NULL && begins_with_us(&command, word);

    free(word);
    return own;
}

char *
profile_process_profile(const char *command)
{
    static const char option[] = "--profile";
    const size_t length = sizeof(option) - 1;
    char *word = malloc(strlen(command) + 1), *profile = NULL;
    const char *value;

    if (word != NULL && begins_with_us(&command, word))
        while (config_name_word(&command, word) == 1) {
            if (strncmp(word, option, length) != 0 ||
                (word[length] != '=' && word[length] != '\0'))
                continue;
            value = word + length + 1;
            if (word[length] == '\0') {
                if (config_name_word(&command, word) != 1)
                    break;
                value = word;
            }
            free(profile); /* the last one counts */
            profile = strdup(value);
        }
    free(word);
    return profile;
}

const char *
profile_process_hidden_by(const struct config *config, const char *profile)
{
    for (size_t i = 0; i < sizeof(earlier) / sizeof(earlier[0]); i++)
        if (config_get(config, profile, earlier[i]) != NULL)
            return earlier[i];
    return NULL;
}

/* The profile that stands behind one; NULL if it stands for itself. */
static char *
next_of(const struct config *config, const struct profile_options *options,
        const char *profile)
{
    const char *command = config_get(config, profile, "credential_process");
    char *next;

    if (command == NULL || profile_parent_exists(config, options, profile) ||
        profile_process_hidden_by(config, profile) != NULL)
        return NULL;
    next = profile_process_profile(command);
    if (next != NULL && (*next == '\0' || strcmp(next, profile) == 0)) {
        free(next);
        return NULL;
    }
    return next;
}

/* Whether a step leads somewhere. Returns 0, or -1 with the report filled. */
static int
check_step(const struct config *config, const struct profile_options *options,
           char *const *names, size_t count, struct report *report)
{
    const char *profile = names[count - 2], *next = names[count - 1];
    char where[WHERE_SIZE];

    config_where(config, profile, "credential_process", where, sizeof(where));
    if (!config_has_profile(config, next) &&
        !profile_parent_is_stored(options, next))
        return report_set(report,
                          "%s: credential_process of profile '%.100s' names "
                          "profile '%.100s', which does not exist; correct "
                          "the name, or remove the line",
                          where, profile, next);
    for (size_t i = 0; i < count - 1; i++)
        if (strcmp(names[i], next) == 0 || count == MOST_STEPS)
            return report_set(report,
                              "%s: credential_process of profile '%.100s' "
                              "leads in a circle, back to profile '%.100s'; "
                              "name the profile that has the access key",
                              where, profile, next);
    return 0;
}

char *
profile_process_follow(const struct config *config,
                       const struct profile_options *options,
                       const char *profile, struct report *report)
{
    char *names[MOST_STEPS] = {strdup(profile)}, *next, *found = NULL;
    size_t count = 1;
    bool failed = names[0] == NULL;

    if (failed)
        report_set(report, "out of memory for a profile");
    while (!failed &&
           (next = next_of(config, options, names[count - 1])) != NULL) {
        names[count++] = next;
        failed = check_step(config, options, names, count, report) != 0;
    }
    if (!failed)
        found = names[--count];
    while (count > 0)
        free(names[--count]);
    return found;
}
