/*
 * Sessions from AWS: see session_aws.h. Part of aws-session.
 */
#include "session_aws.h"

#include "aws_error.h"
#include "debug.h"
#include "mfa/mfa.h"

#include <inttypes.h>

static int
read_session(const struct message *answer, struct session *session,
             struct report *report)
{
    if (message_secret(answer, FIELD_ACCESS_KEY_ID, &session->access_key_id) !=
            0 ||
        message_secret(answer, FIELD_SECRET_ACCESS_KEY,
                       &session->secret_access_key) != 0 ||
        message_secret(answer, FIELD_SESSION_TOKEN, &session->session_token) !=
            0)
        return report_set(report, "out of memory");
    session->expiration = message_number(answer, FIELD_EXPIRATION, 0);
    debug_log("session %s until %" PRId64, session->access_key_id.data,
              session->expiration);
    return 0;
}

/*
 * After a refused code: whether to ask for another one. Tells the person why.
 */
static bool
ask_again(struct mfa *mfa, const struct aws_error *error, int tries,
          struct report *report)
{
    struct report clock;
    bool skewed = aws_correct_clock(error, report);

    clock = *report;
    if (!mfa_can_ask(mfa) || tries >= MFA_TRIES) {
        if (skewed)
            report_set(report,
                       "%s; AWS's time is known now: try again with the next "
                       "MFA code",
                       clock.text);
        return false;
    }
    if (skewed) {
        warn_line("%s; going on with AWS's time", clock.text);
        mfa_tell(mfa, "AWS needs another code, with the right time.");
    } else if (aws_error_is_wrong_code(error)) {
        mfa_tell(mfa, report->text);
    } else {
        return false;
    }
    return true;
}

/* One code, sent once. Returns 0, or -1 with error and report filled. */
static int
try_code(struct session_way *way, struct aws_request *request, struct mfa *mfa,
         struct session *session, struct aws_error *error,
         struct report *report)
{
    struct secret code = {0};
    struct message answer = {0};
    int result = -1;

    *error = (struct aws_error){0};
    switch (mfa_get_code(mfa, way->aws.sender.fd, &code, report)) {
    case MFA_CODE:
        request->token_code = &code;
        result = aws_send(&way->aws, request, &answer, error, report);
        request->token_code = NULL;
        if (result != 0 && !error->sent)
            mfa_give_back(mfa, &code);
        break;
    case MFA_WATCHED:
        aws_receive_early(&way->aws, request, error, report);
        break;
    case MFA_UNFIT:
        way->aws.failure = EXIT_WRONG_CODE;
        break;
    case MFA_FAILED:
        break;
    }
    if (result == 0)
        result = read_session(&answer, session, report);
    message_free(&answer);
    secret_free(&code);
    return result;
}

/* The connection is opened before the person is asked, anew for each code. */
enum exit_status
session_aws_mfa(struct session_way *way, struct session *session,
                struct report *report)
{
    struct aws_description description;
    struct aws_error error;
    struct mfa mfa;
    struct aws_request request = {
        .operation = OPERATION_GET_SESSION_TOKEN,
        .endpoint = &way->profile->sts,
        .signer = way->parent.signer,
        .duration = way->profile->duration,
        .serial_number = way->serial,
    };
    enum exit_status status;
    int result = -1;

    status = mfa_source_check(&way->source, report);
    if (status == EXIT_DONE &&
        session_parent_check(&way->parent, way->profile, report) != 0)
        status = EXIT_FAILED;
    if (status == EXIT_DONE)
        status = mfa_serial_find(&way->aws, way->profile, &way->parent.signer,
                                 way->parent.id, way->serial, report);
    if (status != EXIT_DONE)
        return status;
    if (aws_describe(&request, &description, report) != 0)
        return EXIT_FAILED;
    debug_log("asking for a code of %s, to sign with %s", way->serial,
              description.access_key_id);
    mfa_begin(&mfa, way->serial, &way->source);
    for (int tries = 1;; tries++) {
        if (aws_open(&way->aws, &request, description.content_length,
                     report) != 0)
            break;
        result = try_code(way, &request, &mfa, session, &error, report);
        if (result == 0 || !ask_again(&mfa, &error, tries, report))
            break;
    }
    if (result != 0 && aws_error_is_device(&error))
        mfa_serial_forget(way->parent.id);
    mfa_end(&mfa);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

int
session_aws_role(struct session_way *way, size_t index,
                 struct session *session, struct report *report)
{
    const struct role *role = &way->profile->roles[index];
    struct message answer = {0};
    struct aws_error error;
    struct aws_request request = {
        .operation = OPERATION_ASSUME_ROLE,
        .endpoint = &way->profile->sts,
        .signer = {.access_key_id = session->access_key_id.data,
                   .secret_access_key = &session->secret_access_key,
                   .session_token = &session->session_token},
        .duration = role->duration,
        .role = role,
    };
    int result;

    debug_log("assuming %s (profile %s)", role->arn, role->profile);
    result = aws_call(&way->aws, &request, &answer, &error, report);
    if (result == 0)
        result = read_session(&answer, session, report);
    message_free(&answer);
    return result;
}
