/*
 * How things are: see status.h. Part of aws-session.
 */
#include "status.h"

#include "aws_call.h"
#include "aws_error.h"
#include "clock.h"
#include "mfa/mfa_serial.h"
#include "session_keyring.h"

#include <stdio.h>
#include <string.h>

enum { USABLE_SECONDS = 30 };

/* The key that signs, as session.c would choose it. */
static int
find_key(struct status *status, const struct config *config,
         struct session_parent *parent)
{
    const struct profile *profile = &status->profile;
    struct known_key *key = &status->key;

    if (session_parent_choose(parent, profile, config, &status->policy,
                              &status->problem) != EXIT_DONE)
        return -1;
    if (parent->signer.stored_profile != NULL) {
        known_key_describe(key, parent->signer.stored_profile);
    } else {
        key->source = profile->parent;
        snprintf(key->id, sizeof(key->id), "%s", profile->access_key_id);
        snprintf(key->readers, sizeof(key->readers), "every program of yours");
    }
    key->profile = profile->base;
    return 0;
}

int64_t
status_find_session(const struct profile *profile,
                    const struct session_parent *parent,
                    enum cache_scope scope, struct session *session)
{
    size_t roles = profile->role_count;
    const char *name = roles == 0 ? profile->base
                                  : profile->roles[roles - 1].profile;
    char id[SESSION_ID_SIZE], serial[MFA_SERIAL_SIZE];
    struct report report;
    int64_t left = 0;

    (void)mfa_serial_known(profile, parent->id, serial);
    session_keyring_id(profile, parent->id, serial, roles, id);
    if (session_keyring_find(scope, name, id, session, &report) == KEYRING_OK)
        left = session->expiration - clock_now();
    if (left < USABLE_SECONDS) {
        session_free(session);
        left = 0;
    }
    return left;
}

/* Ask AWS who the session is. */
static void
find_identity(struct status *status)
{
    const struct session *session = &status->session;
    struct aws aws = AWS_CLOSED(status->profile.ca_bundle);
    const struct aws_request request = {
        .operation = OPERATION_GET_CALLER_IDENTITY,
        .endpoint = &status->profile.sts,
        .signer = {.access_key_id = session->access_key_id.data,
                   .secret_access_key = &session->secret_access_key,
                   .session_token = &session->session_token},
    };
    struct message answer = {0};
    struct aws_error error;

    if (aws_call(&aws, &request, &answer, &error, &status->offline) == 0) {
        status->offline.text[0] = '\0';
        (void)message_text(&answer, FIELD_ACCOUNT, status->account,
                           sizeof(status->account));
        (void)message_text(&answer, FIELD_ARN, status->arn,
                           sizeof(status->arn));
        report_clean(status->account);
        report_clean(status->arn);
    }
    message_free(&answer);
    aws_close(&aws);
}

static void
find_policy(struct status *status)
{
    struct report ignored;

    if (policy_load(&status->policy, &status->policy_problem) == 0) {
        status->policy_problem.text[0] = '\0';
        return;
    }
    /* Nothing goes until the file is right; shown are the defaults. */
    (void)policy_parse(&status->policy, "", "", 0, &ignored);
    status->problem = status->policy_problem;
}

void
status_find(struct status *status, const struct session_options *options)
{
    struct profile_options wanted = options->profile;
    struct session_parent parent;
    struct config config = {0};
    struct report report;

    *status = (struct status){0};
    wanted.is_stored = session_parent_is_stored;
    status->signer = signer_state_find(&status->signer_why);
    status->has_login = keyring_has_login();
    (void)key_quota_read(&status->quota);
    find_policy(status);
    if (config_load(&config, &report) != 0 ||
        profile_resolve(&status->profile, &config, &wanted, &report) != 0) {
        status->problem = report;
    } else if (find_key(status, &config, &parent) == 0 &&
               status->policy_problem.text[0] == '\0') {
        status->left = status_find_session(&status->profile, &parent,
                                           status->policy.cache_scope,
                                           &status->session);
        if (status->left > 0)
            find_identity(status);
    }
    config_free(&config);
}

void
status_free(struct status *status)
{
    session_free(&status->session);
    profile_free(&status->profile);
}
