/*
 * aws-session status: who am I, for how long, and who can read my keys.
 *
 * Part of aws-session. Ends with status 0 if there is a session that can be
 * used, so that a script can ask.
 */
#include "commands.h"
#include "duration.h"
#include "exit_status.h"
#include "helper.h"
#include "json.h"
#include "session_parent.h"
#include "status.h"
#include "timestamp.h"

#include <stdio.h>

static const char *const scopes[] = {
    [CACHE_USER] = "user", [CACHE_SESSION] = "session", [CACHE_NONE] = "none"};

static const char *
yes_no(bool value)
{
    return value ? "yes" : "no";
}

static void
print_key(const struct status *status)
{
    const struct known_key *key = &status->key;

    if (key->profile == NULL) {
        printf("access key   none: %s\n", status->problem.text);
        return;
    }
    printf("access key   %s in the %s, %s: can be read by %s\n",
           key->id[0] != '\0' ? key->id : "of unknown id",
           session_parent_source(key->source),
           key->protection == PROTECTION_SERVICE ? "protected"
                                                 : "not protected",
           key->readers);
}

static void
print_session(const struct status *status)
{
    char left[DURATION_SIZE], end[TIMESTAMP_SIZE];

    if (status->left == 0) {
        printf("session      none\n");
        return;
    }
    duration_format(status->left, left);
    timestamp_format(status->session.expiration, end);
    printf("session      %s left, until %s\n", left, end);
    if (status->arn[0] != '\0')
        printf("identity     %s, account %s\n", status->arn, status->account);
    else
        printf("identity     not known: %s\n", status->offline.text);
}

static void
print_machine(const struct status *status)
{
    const struct policy *policy = &status->policy;
    const struct key_quota *quota = &status->quota;

    printf("stored keys  %s: %s\n",
           status->signer == SIGNER_PROTECTS ? "protected" : "not protected",
           status->signer_why.text);
    if (status->policy_problem.text[0] != '\0')
        printf("policy       %s\n", status->policy_problem.text);
    else
        printf("policy       require_mfa = %s, allow_unprotected_keys = %s, "
               "max_session_duration = %u, parent_key_lifetime = %u\n",
               yes_no(policy->require_mfa),
               yes_no(policy->allow_unprotected_keys),
               policy->max_session_duration, policy->parent_key_lifetime);
    printf("cache scope  %s%s\n", scopes[policy->cache_scope],
           policy->cache_scope == CACHE_SESSION && !status->has_login
               ? ", but this login has no keyring (pam_keyinit): sessions "
                 "are not kept"
               : "");
    if (quota->keys_most > 0)
        printf("key quota    %ld of %ld keys, %ld of %ld bytes\n", quota->keys,
               quota->keys_most, quota->bytes, quota->bytes_most);
}

static cJSON *
key_object(const struct known_key *key)
{
    cJSON *object;

    if (key->profile == NULL)
        return cJSON_CreateNull();
    object = cJSON_CreateObject();
    json_add_text(object, "profile", key->profile);
    json_add_text(object, "access_key_id",
                  key->id[0] != '\0' ? key->id : NULL);
    json_add_text(object, "kept_in", known_key_place(key));
    json_add_bool(object, "protected", key->protection == PROTECTION_SERVICE);
    json_add_text(object, "readers", key->readers);
    return object;
}

static cJSON *
session_object(const struct status *status)
{
    char end[TIMESTAMP_SIZE];
    cJSON *object;

    if (status->left == 0)
        return cJSON_CreateNull();
    object = cJSON_CreateObject();
    timestamp_format(status->session.expiration, end);
    json_add_text(object, "expiration", end);
    json_add_number(object, "seconds_left", status->left);
    return object;
}

static cJSON *
identity_object(const struct status *status)
{
    cJSON *object;

    if (status->arn[0] == '\0')
        return cJSON_CreateNull();
    object = cJSON_CreateObject();
    json_add_text(object, "account", status->account);
    json_add_text(object, "arn", status->arn);
    return object;
}

static cJSON *
signer_object(const struct status *status)
{
    cJSON *object = cJSON_CreateObject();

    json_add_text(object, "path", sign_path);
    json_add_bool(object, "protects", status->signer == SIGNER_PROTECTS);
    json_add_text(object, "state", signer_state_name(status->signer));
    json_add_text(object, "reason", status->signer_why.text);
    return object;
}

static cJSON *
policy_object(const struct policy *policy)
{
    cJSON *object = cJSON_CreateObject();

    json_add_bool(object, "require_mfa", policy->require_mfa);
    json_add_bool(object, "allow_unprotected_keys",
                  policy->allow_unprotected_keys);
    json_add_number(object, "max_session_duration",
                    policy->max_session_duration);
    json_add_number(object, "parent_key_lifetime",
                    policy->parent_key_lifetime);
    json_add_text(object, "cache_scope", scopes[policy->cache_scope]);
    return object;
}

static cJSON *
quota_object(const struct key_quota *quota)
{
    cJSON *object = cJSON_CreateObject();

    json_add_number(object, "keys", quota->keys);
    json_add_number(object, "keys_most", quota->keys_most);
    json_add_number(object, "bytes", quota->bytes);
    json_add_number(object, "bytes_most", quota->bytes_most);
    return object;
}

static const char *
text_or_null(const struct report *report)
{
    return report->text[0] != '\0' ? report->text : NULL;
}

static int
print_json(const struct status *status, struct report *report)
{
    cJSON *root = cJSON_CreateObject();

    json_add_text(root, "profile", status->profile.name);
    json_add_text(root, "region", status->profile.region);
    json_add_text(root, "problem", text_or_null(&status->problem));
    cJSON_AddItemToObject(root, "access_key", key_object(&status->key));
    cJSON_AddItemToObject(root, "session", session_object(status));
    cJSON_AddItemToObject(root, "identity", identity_object(status));
    json_add_text(root, "offline", text_or_null(&status->offline));
    cJSON_AddItemToObject(root, "signer", signer_object(status));
    cJSON_AddItemToObject(root, "policy",
                          status->policy_problem.text[0] != '\0'
                              ? cJSON_CreateNull()
                              : policy_object(&status->policy));
    cJSON_AddItemToObject(root, "quota", quota_object(&status->quota));
    return json_print(root, report);
}

int
command_status(const struct options *options, struct report *report)
{
    struct status status;
    char name[REPORT_SIZE];
    int result = EXIT_FAILED;

    status_find(&status, &options->session);
    if (options->json) {
        if (print_json(&status, report) != 0)
            goto done;
    } else {
        snprintf(name, sizeof(name), "%s",
                 status.profile.name != NULL ? status.profile.name
                                             : "not known");
        report_clean(name);
        printf("profile      %s\n", name);
        print_key(&status);
        print_session(&status);
        print_machine(&status);
        (void)fflush(stdout);
    }
    if (status.left > 0)
        result = EXIT_DONE;
    else if (status.problem.text[0] != '\0')
        *report = status.problem;
    else
        report_set(report,
                   "profile %.100s has no session: aws-session or aws-session "
                   "exec makes one, with an MFA code",
                   status.profile.name);
done:
    status_free(&status);
    return result;
}
