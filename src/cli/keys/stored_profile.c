/*
 * The profile of a stored key: see stored_profile.h. Part of aws-session.
 */
#include "stored_profile.h"

#include "config/config.h"
#include "config/profile_name.h"
#include "key_shape.h"

#include <string.h>

const char *
stored_profile_choose(const char *given, struct report *report)
{
    const struct profile_options options = {.profile = given};
    const char *place, *name = profile_name_wanted(&options, &place);

    return key_shape_check_profile(name, report) == 0 ? name : NULL;
}

int
stored_profile_check_use(const char *profile, struct report *why)
{
    struct config config = {0};
    struct report ignored;
    const char *source;
    int result = 0;

    /* Files with errors are told of where they are used. */
    if (config_load(&config, &ignored) != 0)
        goto done;
    source = config_get(&config, profile, "source_profile");
    if (source != NULL && strcmp(source, profile) != 0 &&
        config_get(&config, profile, "role_arn") != NULL)
        result = report_set(why,
                            "profile %.100s has a role, and its sessions use "
                            "the key of its source_profile %.100s",
                            profile, source);
done:
    config_free(&config);
    return result;
}
