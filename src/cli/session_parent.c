/*
 * Which long-lived key signs: see session_parent.h. Part of aws-session.
 */
#include "session_parent.h"

#include "debug.h"
#include "keyring.h"

#include <stdio.h>

bool
session_parent_is_stored(const char *profile)
{
    return keyring_parent_serial(profile) != 0;
}

const char *
session_parent_source(enum parent_source source)
{
    switch (source) {
    case PARENT_ENVIRONMENT:
        return "environment";
    case PARENT_CREDENTIALS_FILE:
        return "credentials file";
    case PARENT_CONFIG_FILE:
        return "config file";
    case PARENT_NONE:
    case PARENT_STASHED:
        break;
    }
    return "keyring";
}

/* Stored keys are gone after a reboot, so this is what a person sees then. */
static enum exit_status
refuse_no_key(const struct profile *profile, const struct config *config,
              const struct policy *policy, struct report *report)
{
    char files[600];

    report_set(
        report,
        "profile %.100s has no access key; looked in the keyring (empty after "
        "a reboot), %s; store one with aws-session add %.100s%s",
        profile->base, config_describe(config, files, sizeof(files)),
        profile->base,
        policy->allow_unprotected_keys
            ? ", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            : "");
    return EXIT_NO_KEY;
}

static enum exit_status
refuse_unprotected(const struct profile *profile, struct report *report)
{
    const char *source = session_parent_source(profile->parent);

    if (profile->parent == PARENT_ENVIRONMENT)
        report_set(report, "this machine's policy (allow_unprotected_keys = "
                           "no) takes no access key from the environment: "
                           "store it with aws-session add --env, then unset "
                           "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    else
        report_set(report,
                   "this machine's policy (allow_unprotected_keys = no) "
                   "takes no access key from the %s: move it into the "
                   "keyring with aws-session import %.100s",
                   source, profile->base);
    return EXIT_FAILED;
}

bool
session_parent_name_stored(struct session_parent *parent,
                           const struct profile *profile)
{
    int serial = keyring_parent_serial(profile->base);

    if (serial == 0)
        return false;
    parent->signer.stored_profile = profile->base;
    snprintf(parent->id, sizeof(parent->id), "keyring %d", serial);
    debug_log("parent key: stored, key %d of profile %s", serial,
              profile->base);
    return true;
}

/* Its sessions are those of the same key in the environment. */
static void
choose_stashed(struct session_parent *parent, const struct profile *profile)
{
    stash_name(profile->access_key_id, parent->name);
    parent->signer.stored_profile = parent->name;
    snprintf(parent->id, sizeof(parent->id), "%s", profile->access_key_id);
    debug_log("parent key: %s, which came by the environment",
              profile->access_key_id);
}

int
session_parent_check(const struct session_parent *parent,
                     const struct profile *profile, struct report *report)
{
    if (profile->parent != PARENT_STASHED ||
        session_parent_is_stored(parent->name))
        return 0;
    return report_set(report,
                      "access key %s, with which this session was opened, is "
                      "no longer in the keyring (it stays for 36 hours): "
                      "leave the session and open it anew, or name a profile "
                      "with --profile",
                      profile->access_key_id);
}

enum exit_status
session_parent_choose(struct session_parent *parent,
                      const struct profile *profile,
                      const struct config *config, const struct policy *policy,
                      struct report *report)
{
    *parent = (struct session_parent){0};
    if (profile->parent == PARENT_STASHED) {
        choose_stashed(parent, profile);
        return EXIT_DONE;
    }
    if (profile->parent != PARENT_ENVIRONMENT &&
        session_parent_name_stored(parent, profile))
        return EXIT_DONE;
    if (profile->parent == PARENT_NONE)
        return refuse_no_key(profile, config, policy, report);
    if (!policy->allow_unprotected_keys)
        return refuse_unprotected(profile, report);
    parent->signer.access_key_id = profile->access_key_id;
    parent->signer.secret_access_key = &profile->secret;
    snprintf(parent->id, sizeof(parent->id), "%s", profile->access_key_id);
    debug_log("parent key: %s from the %s", profile->access_key_id,
              session_parent_source(profile->parent));
    return EXIT_DONE;
}
