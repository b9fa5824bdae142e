/*
 * Calls of AWS operations: see aws_call.h. Part of aws-session.
 */
#include "aws_call.h"

#include "aws_error.h"
#include "clock.h"
#include "debug.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_TRIES = 3,
    SIGNER_TIMEOUT = 10000,  /* ms */
    CONNECT_TIMEOUT = 10000, /* ms */
    REQUEST_TIMEOUT = 30000, /* ms, from the signed request to the answer */
    SENDER_TIMEOUT = CONNECT_TIMEOUT + REQUEST_TIMEOUT + 5000
};

static void
put_secret(struct message *message, enum message_field field,
           const struct secret *secret)
{
    if (secret != NULL)
        message_put_bytes(message, field, secret->data, secret->length);
}

static void
put_request(struct message *message, enum message_type type,
            const struct aws_request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    const struct aws_signer *signer = &request->signer;
    const struct role *role = request->role;
    const struct secret *code = request->token_code;

    message_begin(message, type);
    message_put_number(message, FIELD_OPERATION, request->operation);
    message_put_text(message, FIELD_HOST, endpoint->host);
    message_put_text(message, FIELD_PATH, endpoint->path);
    message_put_text(message, FIELD_REGION, endpoint->region);
    message_put_number(message, FIELD_CLOCK_OFFSET, clock_offset());
    if (signer->stored_profile != NULL) {
        message_put_text(message, FIELD_PROFILE, signer->stored_profile);
    } else {
        const struct secret *secret = signer->secret_access_key;
        const struct secret *token = signer->session_token;

        message_put_text(message, FIELD_ACCESS_KEY_ID, signer->access_key_id);
        message_put_bytes(message, FIELD_SECRET_ACCESS_KEY, secret->data,
                          secret->length);
        if (token != NULL)
            message_put_bytes(message, FIELD_SESSION_TOKEN, token->data,
                              token->length);
    }
    if (request->duration != 0)
        message_put_number(message, FIELD_DURATION_SECONDS, request->duration);
    message_put_text(message, FIELD_SERIAL_NUMBER, request->serial_number);
    if (code != NULL)
        message_put_bytes(message, FIELD_TOKEN_CODE, code->data, code->length);
    else if (request->operation == OPERATION_GET_SESSION_TOKEN &&
             request->serial_number != NULL)
        message_put_bytes(message, FIELD_TOKEN_CODE, "000000", 6);
    if (role != NULL) {
        message_put_text(message, FIELD_ROLE_ARN, role->arn);
        message_put_text(message, FIELD_ROLE_SESSION_NAME, role->session_name);
        message_put_text(message, FIELD_EXTERNAL_ID, role->external_id);
    }
    message_put_text(message, FIELD_MARKER, request->marker);
    message_put_text(message, FIELD_USER_NAME, request->user_name);
    message_put_text(message, FIELD_TARGET_KEY_ID, request->target_key_id);
    message_put_text(message, FIELD_STATUS, request->status);
    message_put_text(message, FIELD_DEVICE_NAME, request->device_name);
    put_secret(message, FIELD_FIRST_CODE, request->first_code);
    put_secret(message, FIELD_SECOND_CODE, request->second_code);
}

/* Ask the signer one question. Fills the answer, or returns -1. */
static int
ask_signer(const struct aws_request *request, enum message_type question,
           enum message_type expected, struct message *answer,
           struct report *report)
{
    struct helper signer = HELPER_NONE;
    struct message message = {0};
    int result = -1;

    put_request(&message, question, request);
    if (helper_start(&signer, sign_path, report) == 0 &&
        helper_send(&signer, &message, report) == 0 &&
        helper_receive(&signer, answer,
                       MESSAGE_BIT(expected) |
                           MESSAGE_BIT(MESSAGE_SIGN_REFUSED),
                       SIGNER_TIMEOUT, report) == 0) {
        if (message_type(answer) == expected) {
            result = 0;
        } else {
            char text[REPORT_SIZE];

            if (message_text(answer, FIELD_TEXT, text, sizeof(text)) < 0)
                text[0] = '\0';
            report_set(report, "the signer refuses: %s", text);
        }
    }
    helper_stop(&signer);
    message_free(&message);
    return result;
}

int
aws_describe(const struct aws_request *request,
             struct aws_description *description, struct report *report)
{
    struct message answer = {0};
    int result;

    result = ask_signer(request, MESSAGE_SIGN_DESCRIBE, MESSAGE_SIGN_DESCRIBED,
                        &answer, report);
    if (result == 0) {
        message_text(&answer, FIELD_ACCESS_KEY_ID, description->access_key_id,
                     sizeof(description->access_key_id));
        description->protection = (enum protection)message_number(
            &answer, FIELD_PROTECTION, 0);
        description->content_length = message_number(&answer,
                                                     FIELD_CONTENT_LENGTH, 0);
    }
    message_free(&answer);
    return result;
}

static const char *
first_variable(const char *lower, const char *upper)
{
    const char *value = getenv(lower);

    if (value == NULL)
        value = getenv(upper);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

int
aws_open(struct aws *aws, const struct aws_request *request,
         int64_t content_length, struct report *report)
{
    const struct endpoint *endpoint = request->endpoint;
    struct message message = {0};
    int result = -1;

    aws->failure = EXIT_FAILED;
    if (aws->sender.pid == 0 &&
        helper_start(&aws->sender, sts_path, report) != 0)
        return -1;
    message_begin(&message, MESSAGE_STS_OPEN);
    message_put_number(&message, FIELD_OPERATION, request->operation);
    message_put_text(&message, FIELD_ORIGIN, endpoint->origin);
    message_put_text(&message, FIELD_HOST, endpoint->host);
    message_put_text(&message, FIELD_PATH, endpoint->path);
    message_put_number(&message, FIELD_CONTENT_LENGTH, content_length);
    message_put_text(&message, FIELD_CA_BUNDLE, aws->ca_bundle);
    /* As botocore does: http never by HTTP_PROXY, lower case first. */
    if (strncmp(endpoint->origin, "https:", 6) == 0)
        message_put_text(&message, FIELD_PROXY,
                         first_variable("https_proxy", "HTTPS_PROXY"));
    else
        message_put_text(&message, FIELD_PROXY,
                         first_variable("http_proxy", "http_proxy"));
    message_put_text(&message, FIELD_NO_PROXY,
                     first_variable("no_proxy", "NO_PROXY"));
    message_put_number(&message, FIELD_CONNECT_TIMEOUT, CONNECT_TIMEOUT);
    message_put_number(&message, FIELD_REQUEST_TIMEOUT, REQUEST_TIMEOUT);
    result = helper_send(&aws->sender, &message, report);
    message_free(&message);
    return result;
}

static void
read_error(const struct message *answer, struct aws_error *error)
{
    error->kind = (enum sts_error)message_number(answer, FIELD_ERROR, 0);
    error->sent = message_number(answer, FIELD_SENT, 1) != 0;
    error->http_status = (int)message_number(answer, FIELD_HTTP_STATUS, 0);
    error->server_date = message_number(answer, FIELD_SERVER_DATE, 0);
    message_text(answer, FIELD_AWS_CODE, error->code, sizeof(error->code));
    message_text(answer, FIELD_AWS_MESSAGE, error->message,
                 sizeof(error->message));
}

static void
debug_answer(const struct aws_request *request, const struct message *answer)
{
    char timing[257] = "", id[129] = "";

    if (!debug_enabled())
        return;
    message_text(answer, FIELD_TIMING, timing, sizeof(timing));
    message_text(answer, FIELD_REQUEST_ID, id, sizeof(id));
    debug_log("%s at %s%s: %s, request id %s",
              aws_operation_name(request->operation),
              request->endpoint->origin, request->endpoint->path,
              timing[0] != '\0' ? timing : "no answer",
              id[0] != '\0' ? id : "none");
}

/* Receive the sender's answer: 0, or -1 with error and report filled. */
static int
receive_answer(struct aws *aws, const struct aws_request *request,
               struct message *answer, struct aws_error *error,
               struct report *report)
{
    static const uint64_t answers = MESSAGE_BIT(MESSAGE_STS_IDENTITY) |
                                    MESSAGE_BIT(MESSAGE_STS_SESSION) |
                                    MESSAGE_BIT(MESSAGE_STS_MFA_DEVICES) |
                                    MESSAGE_BIT(MESSAGE_STS_ACCESS_KEY) |
                                    MESSAGE_BIT(MESSAGE_STS_ACCESS_KEYS) |
                                    MESSAGE_BIT(MESSAGE_STS_MFA_DEVICE) |
                                    MESSAGE_BIT(MESSAGE_STS_DONE) |
                                    MESSAGE_BIT(MESSAGE_STS_ERROR);
    char text[REPORT_SIZE] = "";

    *error = (struct aws_error){.sent = true};
    if (helper_receive(&aws->sender, answer, answers, SENDER_TIMEOUT,
                       report) != 0)
        return -1;
    debug_answer(request, answer);
    aws->failure = EXIT_DONE;
    if (message_type(answer) != MESSAGE_STS_ERROR)
        return 0;
    read_error(answer, error);
    aws->failure = aws_error_status(error);
    message_text(answer, FIELD_TEXT, text, sizeof(text));
    return aws_error_explain(request, error, text, report);
}

int
aws_receive_early(struct aws *aws, const struct aws_request *request,
                  struct aws_error *error, struct report *report)
{
    struct message answer = {0};

    if (receive_answer(aws, request, &answer, error, report) == 0)
        report_set(report, "%s answered before it was asked", sts_path);
    message_free(&answer);
    return -1;
}

static void
copy_field(struct message *to, const struct message *from,
           enum message_field field)
{
    size_t length;
    const void *value = message_bytes(from, field, &length);

    if (value != NULL)
        message_put_bytes(to, field, value, length);
}

/* Send what the signer made of the request. */
static int
send_signed(struct aws *aws, const struct message *signature,
            struct report *report)
{
    struct message message = {0};
    int result;

    message_begin(&message, MESSAGE_STS_SEND);
    copy_field(&message, signature, FIELD_AMZ_DATE);
    copy_field(&message, signature, FIELD_AUTHORIZATION);
    copy_field(&message, signature, FIELD_SESSION_TOKEN);
    copy_field(&message, signature, FIELD_BODY);
    result = helper_send(&aws->sender, &message, report);
    message_free(&message);
    return result;
}

/*
 * Sign, then send: over the connection that aws_open began, or over one that
 * is opened now that the length of the body is known.
 */
static int
sign_and_send(struct aws *aws, const struct aws_request *request, bool is_open,
              struct message *answer, struct aws_error *error,
              struct report *report)
{
    struct message signature = {0};
    size_t length;
    int result = -1;

    *error = (struct aws_error){0};
    aws->failure = EXIT_FAILED;
    if (ask_signer(request, MESSAGE_SIGN_REQUEST, MESSAGE_SIGN_RESULT,
                   &signature, report) == 0 &&
        message_bytes(&signature, FIELD_BODY, &length) != NULL &&
        (is_open || aws_open(aws, request, (int64_t)length, report) == 0) &&
        send_signed(aws, &signature, report) == 0)
        result = receive_answer(aws, request, answer, error, report);
    message_free(&signature);
    return result;
}

int
aws_send(struct aws *aws, const struct aws_request *request,
         struct message *answer, struct aws_error *error,
         struct report *report)
{
    return sign_and_send(aws, request, true, answer, error, report);
}

int
aws_call_once(struct aws *aws, const struct aws_request *request,
              struct message *answer, struct aws_error *error,
              struct report *report)
{
    return sign_and_send(aws, request, false, answer, error, report);
}

/* Wait before retry n (from 1): a random part of 2^(n-1) seconds, the rule
 * of botocore's legacy and standard retry modes. */
static void
back_off(int n)
{
    unsigned short random = 0;
    struct timespec pause;
    long ms;

    (void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
    ms = 1000L * (1L << (n - 1)) * random / 65536;
    pause = (struct timespec){.tv_sec = ms / 1000,
                              .tv_nsec = ms % 1000 * 1000000};
    debug_log("trying again in %ld ms", ms);
    nanosleep(&pause, NULL);
}

static bool
is_retryable(const struct aws_request *request, const struct aws_error *error)
{
    if (error->kind == STS_ERROR_THROTTLED)
        return true;
    if ((request->operation == OPERATION_CREATE_ACCESS_KEY ||
         request->operation == OPERATION_CREATE_MFA_DEVICE) &&
        error->sent)
        return false;
    return error->kind == STS_ERROR_SERVER || error->kind == STS_ERROR_CLOSED;
}

int
aws_call(struct aws *aws, const struct aws_request *request,
         struct message *answer, struct aws_error *error,
         struct report *report)
{
    bool corrected = false;

    for (int tries = 1;; tries++) {
        if (sign_and_send(aws, request, false, answer, error, report) == 0)
            return 0;
        if (!corrected && aws_correct_clock(error, report)) {
            warn_line("%s; going on with AWS's time", report->text);
            corrected = true;
            continue;
        }
        if (tries >= MAX_TRIES || !is_retryable(request, error))
            return -1;
        debug_log("%s", report->text);
        back_off(tries);
    }
}

void
aws_close(struct aws *aws)
{
    helper_stop(&aws->sender);
}
