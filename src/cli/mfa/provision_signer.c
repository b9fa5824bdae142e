/*
 * Who makes an MFA device: see provision_signer.h. Part of aws-session.
 */
#include "provision_signer.h"

#include "debug.h"
#include "keys/parent_key.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

/* What the policy has to allow a stored key. */
#define NEEDED                                                                \
    (UINT64_C(1) << OPERATION_CREATE_MFA_DEVICE |                             \
     UINT64_C(1) << OPERATION_ENABLE_MFA_DEVICE |                             \
     UINT64_C(1) << OPERATION_DELETE_MFA_DEVICE)

int
provision_signer_begin(struct provision_signer *signer,
                       const struct session_options *options,
                       struct report *report)
{
    struct config config = {0};
    struct profile_options wanted = options->profile;
    struct profile *profile = &signer->profile;
    int result = -1;

    wanted.is_stored = session_parent_is_stored;
    if (policy_load(&signer->policy, report) == 0 &&
        config_load(&config, report) == 0 &&
        profile_resolve(profile, &config, &wanted, report) == 0 &&
        session_parent_choose(&signer->parent, profile, &config,
                              &signer->policy, report) == 0) {
        const char *owner = config_get(&config, profile->name, "mfa_serial");

        config_where(&config, owner != NULL ? profile->name : profile->base,
                     "mfa_serial", signer->setting, sizeof(signer->setting));
        signer->aws.ca_bundle = profile->ca_bundle;
        signer->caller = (struct mfa_caller){&signer->aws, profile,
                                             signer->parent.signer};
        result = 0;
    }
    config_free(&config);
    return result;
}

/* The session that any command of the profile would have, before its roles. */
static enum exit_status
use_session(struct provision_signer *signer,
            const struct session_options *options, struct report *report)
{
    struct session_options wanted = *options;
    struct session *session = &signer->session;
    enum exit_status status;

    wanted.without_roles = true;
    status = session_get(&wanted, &signer->session_profile, session, report);
    signer->caller.signer = (struct aws_signer){
        .access_key_id = session->access_key_id.data,
        .secret_access_key = &session->secret_access_key,
        .session_token = &session->session_token};
    return status;
}

/* The stored key once more, from the person: proved to be of the same user. */
static int
use_typed(struct provision_signer *signer, const struct mfa_identity *identity,
          int terminal, struct report *report)
{
    struct key_input *typed = &signer->typed;
    struct parent_key stored;
    enum refusal refusal;
    struct mfa_identity proved;
    char text[512];

    if (parent_key_describe(signer->profile.base, &stored, &refusal, report) !=
            0 ||
        secret_set(&typed->access_key_id, stored.access_key_id,
                   strlen(stored.access_key_id)) != 0)
        return -1;
    snprintf(text, sizeof(text),
             "A stored key does not make MFA devices on this machine, lest "
             "any program could\nadd one (allowed_operations in "
             "aws-session.conf(5)). Type the secret of the key\n%.128s once "
             "more; it is not kept.\n",
             stored.access_key_id);
    terminal_write(terminal, text);
    if (key_input_ask_secret(typed, terminal, report) != 0)
        return -1;
    signer->caller.signer = (struct aws_signer){
        .access_key_id = typed->access_key_id.data,
        .secret_access_key = &typed->secret_access_key};
    if (mfa_identity_find(&signer->caller, &proved, report) != 0)
        return -1;
    if (strcmp(proved.arn, identity->arn) != 0)
        return report_set(report,
                          "AWS says that this key is of %.400s, not "
                          "of %.400s",
                          proved.arn, identity->arn);
    return 0;
}

enum exit_status
provision_signer_choose(struct provision_signer *signer,
                        const struct session_options *options,
                        const struct mfa_identity *identity, bool has_device,
                        int terminal, struct report *report)
{
    if (has_device)
        return use_session(signer, options, report);
    if (signer->parent.signer.stored_profile == NULL ||
        (signer->policy.allowed_operations & NEEDED) == NEEDED) {
        debug_log("the access key signs: there is no device for a session");
        return EXIT_DONE;
    }
    return use_typed(signer, identity, terminal, report) == 0 ? EXIT_DONE
                                                              : EXIT_FAILED;
}

void
provision_signer_end(struct provision_signer *signer)
{
    aws_close(&signer->aws);
    key_input_free(&signer->typed);
    session_free(&signer->session);
    profile_free(&signer->session_profile);
    profile_free(&signer->profile);
}
