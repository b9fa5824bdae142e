/*
 * IAM users and their MFA devices: see mfa_device.h. Part of aws-session.
 */
#include "mfa_device.h"

#include "aws_error.h"
#include "debug.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAGES = 16 };

int
mfa_identity_find(const struct mfa_caller *caller,
                  struct mfa_identity *identity, struct report *report)
{
    const struct profile *profile = caller->profile;
    struct aws_request request = {
        .operation = OPERATION_GET_CALLER_IDENTITY,
        .endpoint = &profile->sts,
        .signer = caller->signer,
    };
    struct message answer = {0};
    struct aws_error error;
    const char *user;
    int result = -1;

    identity->arn[0] = identity->account[0] = '\0';
    if (aws_call(caller->aws, &request, &answer, &error, report) != 0)
        goto done;
    message_text(&answer, FIELD_ARN, identity->arn, sizeof(identity->arn));
    message_text(&answer, FIELD_ACCOUNT, identity->account,
                 sizeof(identity->account));
    debug_log("the key is of %s", identity->arn);
    user = strstr(identity->arn, ":user/");
    if (user != NULL) {
        identity->user = strrchr(user, '/') + 1;
        result = 0;
    } else if (strstr(identity->arn, ":root") != NULL) {
        report_set(report,
                   "the key of profile %.200s is of the account's root user; "
                   "better use an IAM user. If it must be: set mfa_serial = "
                   "arn:aws:iam::%s:mfa/root-account-mfa-device in the "
                   "profile; a session then lasts one hour at most",
                   profile->base, identity->account);
    } else {
        report_set(report,
                   "the key of profile %.200s is of %.400s, and AWS gives "
                   "MFA sessions to IAM users only: use an IAM user's key, "
                   "with role_arn and source_profile for the role",
                   profile->base, identity->arn);
    }
done:
    message_free(&answer);
    return result;
}

static void
add_devices(const struct message *answer, struct mfa_devices *devices)
{
    const char *value;
    size_t cursor = 0, length;

    while ((value = message_next(answer, FIELD_DEVICE, &cursor, &length)) !=
           NULL) {
        char *serial = devices->serials[devices->count];

        if (devices->count == MFA_DEVICES_MAX || length >= MFA_SERIAL_SIZE)
            continue;
        memcpy(serial, value, length);
        serial[length] = '\0';
        report_clean(serial); /* it may be shown on the terminal */
        if (strstr(serial, ":u2f/") != NULL)
            devices->keys_count++;
        else
            devices->count++;
    }
}

int
mfa_device_list(const struct mfa_caller *caller, struct mfa_devices *devices,
                struct aws_error *error, struct report *report)
{
    struct aws_request request = {
        .operation = OPERATION_LIST_MFA_DEVICES,
        .endpoint = &caller->profile->iam,
        .signer = caller->signer,
    };
    struct message answer = {0};
    char *marker = NULL;
    int result = -1;

    devices->count = devices->keys_count = 0;
    for (int page = 0; page < MAX_PAGES; page++) {
        request.marker = marker;
        if (aws_call(caller->aws, &request, &answer, error, report) != 0)
            goto done;
        add_devices(&answer, devices);
        free(marker);
        marker = message_text_copy(&answer, FIELD_MARKER);
        if (marker == NULL) {
            result = 0;
            goto done;
        }
    }
    report_set(report, "the list of MFA devices has no end: set mfa_serial "
                       "in the profile");
done:
    free(marker);
    message_free(&answer);
    return result;
}

static struct aws_request
request_of(const struct mfa_caller *caller, enum operation operation)
{
    return (struct aws_request){
        .operation = operation,
        .endpoint = &caller->profile->iam,
        .signer = caller->signer,
    };
}

int
mfa_device_create(const struct mfa_caller *caller, const char *name,
                  char serial[MFA_SERIAL_SIZE], struct secret *seed,
                  struct aws_error *error, struct report *report)
{
    struct aws_request request = request_of(caller,
                                            OPERATION_CREATE_MFA_DEVICE);
    struct message answer = {0};
    int result;

    request.device_name = name;
    result = aws_call(caller->aws, &request, &answer, error, report);
    if (result == 0 && (message_text(&answer, FIELD_SERIAL_NUMBER, serial,
                                     MFA_SERIAL_SIZE) < 0 ||
                        message_secret(&answer, FIELD_SEED, seed) != 0)) {
        error->sent = true;
        result = report_set(report, "out of memory");
    }
    message_free(&answer);
    return result;
}

int
mfa_device_enable(const struct mfa_caller *caller, const char *user,
                  const char *serial, const struct secret *first_code,
                  const struct secret *second_code, struct aws_error *error,
                  struct report *report)
{
    struct aws_request request = request_of(caller,
                                            OPERATION_ENABLE_MFA_DEVICE);
    struct message answer = {0};
    int result;

    request.user_name = user;
    request.serial_number = serial;
    request.first_code = first_code;
    request.second_code = second_code;
    result = aws_call(caller->aws, &request, &answer, error, report);
    message_free(&answer);
    /* The answer to the request before this one was lost. */
    return result != 0 && mfa_error_is_name_taken(error) ? 0 : result;
}

int
mfa_device_delete(const struct mfa_caller *caller, const char *serial,
                  struct aws_error *error, struct report *report)
{
    struct aws_request request = request_of(caller,
                                            OPERATION_DELETE_MFA_DEVICE);
    struct message answer = {0};
    int result;

    request.serial_number = serial;
    result = aws_call(caller->aws, &request, &answer, error, report);
    message_free(&answer);
    return result != 0 && aws_error_is_gone(error) ? 0 : result;
}

static bool
has_code(const struct aws_error *error, const char *code)
{
    return error->kind == STS_ERROR_AWS && strcmp(error->code, code) == 0;
}

bool
mfa_error_is_name_taken(const struct aws_error *error)
{
    return has_code(error, "EntityAlreadyExists");
}

bool
mfa_error_is_wrong_codes(const struct aws_error *error)
{
    return has_code(error, "InvalidAuthenticationCode");
}

bool
mfa_error_is_in_use(const struct aws_error *error)
{
    return has_code(error, "DeleteConflict");
}
