/*
 * The child's environment: see environment.h. Part of aws-session.
 */
#include "environment.h"

#include "timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What would outrank or contradict the session: SDKs prefer some of these to
 * keys, and an earlier expiry breaks programs that trust it. The code is spent
 * and is nobody's business.
 */
static const char *const removed[] = {
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_EXPIRATION",
    "AWS_SESSION_EXPIRES",
    "AWS_SESSION_MFA_CODE",
    "AWS_SESSION_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
};

/* Every variable of this family goes, whatever its whole name. */
static const char removed_prefix[] = "AWS_CONTAINER_";

static void
remove_family(const char *prefix)
{
    size_t length = strlen(prefix);
    char **entry = environ;

    while (entry != NULL && *entry != NULL) {
        char *end = strchr(*entry, '=');

        if (strncmp(*entry, prefix, length) == 0 && end != NULL) {
            char name[128];

            snprintf(name, sizeof(name), "%.*s", (int)(end - *entry), *entry);
            if (strlen(name) == (size_t)(end - *entry) &&
                unsetenv(name) == 0) {
                entry = environ;
                continue;
            }
        }
        entry++;
    }
}

/* A variable and its value; a NULL value leaves the variable unset. */
struct variable {
    const char *name;
    const char *value;
};

int
environment_apply(const struct profile *profile, const struct session *session,
                  struct report *report)
{
    char expiration[TIMESTAMP_SIZE];
    char expires[24];
    const struct variable set[] = {
        {"AWS_ACCESS_KEY_ID", session->access_key_id.data},
        {"AWS_SECRET_ACCESS_KEY", session->secret_access_key.data},
        {"AWS_SESSION_TOKEN", session->session_token.data},
        /* botocore reads this one first */
        {"AWS_SECURITY_TOKEN", session->session_token.data},
        {"AWS_CREDENTIAL_EXPIRATION", expiration},
        {"AWS_SESSION_EXPIRATION", expiration},
        {"AWS_SESSION_EXPIRES", expires},
        {"AWS_SESSION_PROFILE", profile->name},
        /* boto fails on a profile that is in no file */
        {"AWS_DEFAULT_PROFILE", profile->in_files ? profile->name : NULL},
        {"AWS_REGION", profile->region},
        {"AWS_DEFAULT_REGION", profile->region},
    };

    for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++)
        unsetenv(removed[i]);
    remove_family(removed_prefix);
    timestamp_format(session->expiration, expiration);
    snprintf(expires, sizeof(expires), "%" PRId64, session->expiration);
    for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
        if (set[i].value != NULL && setenv(set[i].name, set[i].value, 1) != 0)
            return report_set(report, "setting %s: %s", set[i].name,
                              strerror(errno));
    return 0;
}
