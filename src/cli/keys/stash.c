/*
 * Keys of the environment: see stash.h. Part of aws-session.
 */
#include "stash.h"

#include "debug.h"
#include "keyring.h"
#include "parent_key.h"

#include <stdio.h>
#include <string.h>

/* A newline is in no name of a section of the AWS files, and aws-session add
 * takes none. */
static const char prefix[] = "environment\n";

/* As long as a session can live that was made with it. */
enum { STASH_SECONDS = DURATION_MAX };

void
stash_name(const char *key_id, char name[STASH_NAME_SIZE])
{
    snprintf(name, STASH_NAME_SIZE, "%s%s", prefix, key_id);
}

const char *
stash_key_id(const char *name)
{
    const size_t length = sizeof(prefix) - 1;

    return strncmp(name, prefix, length) == 0 ? name + length : NULL;
}

bool
stash_has(const char *key_id)
{
    char name[STASH_NAME_SIZE];

    stash_name(key_id, name);
    return keyring_parent_serial(name) != 0;
}

bool
stash_keep(const struct profile *profile, bool anew)
{
    char name[STASH_NAME_SIZE];
    struct parent_key stored;
    enum refusal refusal;
    struct report report;

    if (!anew && stash_has(profile->access_key_id))
        return true;
    stash_name(profile->access_key_id, name);
    if (parent_key_store(name, profile->access_key_id, &profile->secret, true,
                         STASH_SECONDS, &stored, &refusal, &report) == 0) {
        debug_log("access key %s of the environment is kept for what runs "
                  "inside",
                  profile->access_key_id);
        return true;
    }
    debug_log("access key %s of the environment is not kept for what runs "
              "inside: %s",
              profile->access_key_id, report.text);
    return false;
}
