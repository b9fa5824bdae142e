/*
 * Which profile is meant: see profile_name.h. Part of aws-session, runs as
 * the user.
 */
#include "profile_name.h"

#include "profile_parent.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_SIZE = 600 };

static const char our_variable[] = "AWS_SESSION_PROFILE";

const char *
profile_name_wanted(const struct profile_options *options, const char **place)
{
    const char *ours = getenv(our_variable);
    const struct {
        const char *name, *value;
    } places[] = {
        {"--profile", options->profile},
        {our_variable, options->own_first ? ours : NULL},
        {"AWS_PROFILE", getenv("AWS_PROFILE")},
        {"AWS_DEFAULT_PROFILE", getenv("AWS_DEFAULT_PROFILE")},
        {our_variable, ours},
        {NULL, "default"},
    };
    size_t i = 0;

    /* Empty is a mistake in AWS's variables, and ours is never empty. */
    while (places[i].value == NULL ||
           (places[i].name == our_variable && *places[i].value == '\0'))
        i++;
    *place = places[i].name;
    return places[i].value;
}

/* An unknown profile: say who named it, and what may have been meant. */
static void
unknown_profile(const struct config *config, const char *name,
                const char *place, struct report *report)
{
    const char *nearest = config_nearest(config, name);
    char files[FILES_SIZE];

    if (nearest != NULL)
        report_set(report,
                   "there is no profile '%.100s' (%s); did you mean "
                   "'%.100s'?",
                   name, place, nearest);
    else
        report_set(report,
                   "there is no profile '%.100s' (%s) in %s; add it with "
                   "aws configure --profile NAME, or name another one",
                   name, place, config_describe(config, files, sizeof(files)));
}

/* A profile in no file may still have its key in the keyring, and inside a
 * session of ours the environment names the profile that we set there. */
static bool
may_be_unknown(const struct profile_options *options, const char *name)
{
    const char *ours = getenv(our_variable);

    return (ours != NULL && strcmp(ours, name) == 0) ||
           profile_parent_is_stored(options, name);
}

const char *
profile_name_choose(const struct config *config,
                    const struct profile_options *options,
                    struct report *report)
{
    const char *place, *name = profile_name_wanted(options, &place);

    if (*name == '\0') {
        report_set(report,
                   "%s is set but empty, and there is no profile '' (the AWS "
                   "CLI says so too); %s",
                   place,
                   options->profile != NULL ? "name one or leave it out"
                                            : "unset it or name a profile");
        return NULL;
    }
    if (place != NULL && !config_has_profile(config, name) &&
        !may_be_unknown(options, name)) {
        unknown_profile(config, name, place, report);
        return NULL;
    }
    return name;
}
