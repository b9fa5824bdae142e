/*
 * The child's environment: see environment.h. Part of aws-session.
 */
#include "environment.h"

#include "change_mark.h"

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
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_DURATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_SESSION_EXPIRES",
    "AWS_SESSION_FOR_PROFILE",
    "AWS_SESSION_MFA_CODE",
    "AWS_SESSION_MFA_SERIAL",
    "AWS_SESSION_PARENT_KEY_ID",
    "AWS_SESSION_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
};

/* Every variable of this family goes, whatever its whole name. */
static const char removed_prefix[] = "AWS_CONTAINER_";

static bool
is_of_family(const char *entry)
{
    return strncmp(entry, removed_prefix, strlen(removed_prefix)) == 0 &&
           strchr(entry, '=') != NULL;
}

/* Room for the names of the family, and how many they are. */
static size_t
measure_family(size_t *bytes)
{
    size_t count = 0;

    *bytes = 1;
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
        if (is_of_family(*entry)) {
            *bytes += strcspn(*entry, "=") + 1;
            count++;
        }
    return count;
}

static void
remove_family(struct environment *plan)
{
    char *name = plan->names;

    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");

        if (!is_of_family(*entry))
            continue;
        memcpy(name, *entry, length);
        name[length] = '\0';
        plan->variables[plan->count++] = (struct variable){name, NULL};
        name += length + 1;
    }
}

/* Whether a variable gets a value. */
static bool
is_set_anew(const char *name, const struct variable *set, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (set[i].value != NULL && strcmp(set[i].name, name) == 0)
            return true;
    return false;
}

static int
fill(struct environment *plan, const struct variable *set, size_t set_count,
     struct report *report)
{
    const size_t removed_count = sizeof(removed) / sizeof(removed[0]);
    size_t bytes, most = measure_family(&bytes) + removed_count + set_count;

    plan->names = malloc(bytes);
    plan->variables = calloc(most, sizeof(*plan->variables));
    if (plan->names == NULL || plan->variables == NULL)
        return report_set(report, "out of memory for the environment");
    remove_family(plan);
    for (size_t i = 0; i < removed_count; i++)
        if (!is_set_anew(removed[i], set, set_count))
            plan->variables[plan->count++] = (struct variable){removed[i],
                                                               NULL};
    for (size_t i = 0; i < set_count; i++)
        if (set[i].value != NULL)
            plan->variables[plan->count++] = set[i];
    return 0;
}

/* The value of a variable that stays; changing the environment may end it. */
static int
copy(const char *name, char **value, struct report *report)
{
    const char *set = getenv(name);

    *value = set != NULL ? strdup(set) : NULL;
    return set == NULL || *value != NULL
               ? 0
               : report_set(report, "out of memory for the environment");
}

/* What the plan points to in itself. */
static int
prepare(struct environment *plan, const struct session *session,
        struct report *report)
{
    *plan = (struct environment){0};
    timestamp_format(session->expiration, plan->expiration);
    snprintf(plan->expires, sizeof(plan->expires), "%" PRId64,
             session->expiration);
    if (copy("AWS_SESSION_DURATION", &plan->duration, report) != 0)
        return -1;
    return copy("AWS_SESSION_MFA_SERIAL", &plan->serial, report);
}

int
environment_plan(struct environment *plan, const struct profile *profile,
                 const struct session *session, struct report *report)
{
    int result = prepare(plan, session, report);
    bool lives = session->access_key_id.data != NULL;
    const char *expiration = lives ? plan->expiration : NULL;
    const struct variable set[] = {
        {"AWS_ACCESS_KEY_ID", session->access_key_id.data},
        {"AWS_SECRET_ACCESS_KEY", session->secret_access_key.data},
        {"AWS_SESSION_TOKEN", session->session_token.data},
        /* botocore reads this one first */
        {"AWS_SECURITY_TOKEN", session->session_token.data},
        {"AWS_CREDENTIAL_EXPIRATION", expiration},
        {"AWS_SESSION_EXPIRATION", expiration},
        {"AWS_SESSION_EXPIRES", plan->expires},
        {"AWS_SESSION_CHANGE", change_mark_seen()},
        {"AWS_SESSION_PROFILE", profile->name},
        {"AWS_SESSION_PARENT_KEY_ID",
         profile->stashed ? profile->access_key_id : NULL},
        /* boto fails on a profile that is in no file */
        {"AWS_DEFAULT_PROFILE", profile->in_files ? profile->name : NULL},
        {"AWS_REGION", profile->region},
        {"AWS_DEFAULT_REGION", profile->region},
        {"AWS_SESSION_DURATION", plan->duration},
        {"AWS_SESSION_MFA_SERIAL", plan->serial},
        {"AWS_SESSION_FOR_PROFILE",
         nested_describe(plan->nested, profile->region)},
    };

    return result != 0 ? result
                       : fill(plan, set, sizeof(set) / sizeof(set[0]), report);
}

int
environment_apply(const struct profile *profile, const struct session *session,
                  struct report *report)
{
    struct environment plan;
    int result = environment_plan(&plan, profile, session, report);

    for (size_t i = 0; result == 0 && i < plan.count; i++) {
        const struct variable *variable = &plan.variables[i];

        /* All of them, should one be there twice. */
        unsetenv(variable->name);
        if (variable->value != NULL &&
            setenv(variable->name, variable->value, 1) != 0)
            result = report_set(report, "setting %s: %s", variable->name,
                                strerror(errno));
    }
    environment_free(&plan);
    return result;
}

void
environment_free(struct environment *plan)
{
    free(plan->variables);
    free(plan->names);
    free(plan->duration);
    free(plan->serial);
    *plan = (struct environment){0};
}
