/*
 * Sentences for AWS's errors: see aws_error.h. Part of aws-session.
 */
#include "aws_error.h"

#include <stdio.h>
#include <string.h>

const char *
aws_operation_name(enum operation operation)
{
    switch (operation) {
    case OPERATION_GET_CALLER_IDENTITY:
        return "GetCallerIdentity";
    case OPERATION_GET_SESSION_TOKEN:
        return "GetSessionToken";
    case OPERATION_ASSUME_ROLE:
        return "AssumeRole";
    case OPERATION_LIST_MFA_DEVICES:
        return "ListMFADevices";
    case OPERATION_CREATE_ACCESS_KEY:
        return "CreateAccessKey";
    case OPERATION_UPDATE_ACCESS_KEY:
        return "UpdateAccessKey";
    case OPERATION_DELETE_ACCESS_KEY:
        return "DeleteAccessKey";
    case OPERATION_LIST_ACCESS_KEYS:
        return "ListAccessKeys";
    case OPERATION_CREATE_MFA_DEVICE:
        return "CreateVirtualMFADevice";
    case OPERATION_ENABLE_MFA_DEVICE:
        return "EnableMFADevice";
    case OPERATION_DELETE_MFA_DEVICE:
        return "DeleteVirtualMFADevice";
    }
    return "an unknown operation";
}

static bool
is_error(const struct aws_error *error, const char *code, const char *part)
{
    return error->kind == STS_ERROR_AWS && strcmp(error->code, code) == 0 &&
           strstr(error->message, part) != NULL;
}

bool
aws_error_is_wrong_code(const struct aws_error *error)
{
    return is_error(error, "AccessDenied", "invalid MFA one time pass code");
}

enum exit_status
aws_error_status(const struct aws_error *error)
{
    switch (error->kind) {
    case STS_ERROR_UNREACHABLE:
    case STS_ERROR_TLS:
    case STS_ERROR_TIMEOUT:
    case STS_ERROR_CLOSED:
    case STS_ERROR_BAD_ANSWER:
    case STS_ERROR_THROTTLED:
    case STS_ERROR_SERVER:
        return EXIT_UNREACHABLE;
    case STS_ERROR_AWS:
        return aws_error_is_wrong_code(error) ? EXIT_WRONG_CODE : EXIT_FAILED;
    case STS_ERROR_LOCAL:
        break;
    }
    return EXIT_FAILED;
}

bool
aws_error_is_device(const struct aws_error *error)
{
    return is_error(error, "AccessDenied", "unable to validate MFA code");
}

bool
aws_error_is_clock(const struct aws_error *error)
{
    static const char *const codes[] = {
        "SignatureDoesNotMatch", "InvalidSignatureException", "RequestExpired",
        "RequestTimeTooSkewed",  "RequestInTheFuture",        "AuthFailure",
    };

    if (error->kind != STS_ERROR_AWS)
        return false;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(error->code, codes[i]) == 0)
            return true;
    return false;
}

bool
aws_error_is_unknown_key(const struct aws_error *error)
{
    return is_error(error, "InvalidClientTokenId", "");
}

bool
aws_error_is_gone(const struct aws_error *error)
{
    return is_error(error, "NoSuchEntity", "");
}

/* "the access key AKIA..." or "the stored key of profile NAME". */
static const char *
name_key(const struct aws_request *request, char *buffer, size_t size)
{
    const struct aws_signer *signer = &request->signer;

    if (signer->stored_profile != NULL)
        snprintf(buffer, size, "the stored key of profile %.200s",
                 signer->stored_profile);
    else if (signer->session_token != NULL)
        snprintf(buffer, size, "the session %.130s", signer->access_key_id);
    else
        snprintf(buffer, size, "the access key %.130s", signer->access_key_id);
    return buffer;
}

static int
explain_assume_role(const struct aws_request *request,
                    const struct aws_error *error, struct report *report)
{
    const struct role *role = request->role;

    if (strcmp(error->code, "AccessDenied") == 0)
        return report_set(
            report,
            "AWS does not let you assume %s (profile %s): the role may not "
            "exist, its trust policy may not name you, want another "
            "external_id or session name, or your own policy may not allow "
            "sts:AssumeRole. AWS says: %.400s",
            role->arn, role->profile, error->message);
    if (is_error(error, "ValidationError", "MaxSessionDuration"))
        return report_set(report,
                          "%u s is longer than the role %s allows: give a "
                          "shorter --session-duration or duration_seconds "
                          "(profile %s)",
                          role->duration, role->arn, role->profile);
    return 0;
}

/* The operations on access keys; 0 if it is none of their errors. */
static int
explain_access_key(const struct aws_request *request,
                   const struct aws_error *error, struct report *report)
{
    const char *name = aws_operation_name(request->operation);
    const char *user = request->user_name != NULL ? request->user_name : "";
    const char *key = request->target_key_id;

    if (strcmp(error->code, "LimitExceeded") == 0)
        return report_set(report,
                          "user %s has as many access keys as AWS allows, "
                          "two: delete one that nothing uses (IAM console, "
                          "Security credentials), then try again",
                          user);
    if (aws_error_is_gone(error))
        return report_set(report,
                          "AWS knows no %s%s of user %s: it may have been "
                          "deleted meanwhile (AWS says NoSuchEntity)",
                          key != NULL ? "access key " : "account",
                          key != NULL ? key : "", user);
    if (strcmp(error->code, "DeleteConflict") == 0)
        return report_set(report,
                          "AWS does not delete access key %s as long as "
                          "something depends on it: %.400s",
                          key != NULL ? key : "", error->message);
    if (strcmp(error->code, "EntityTemporarilyUnmodifiable") == 0)
        return report_set(report,
                          "AWS is busy with another change of user %s: try "
                          "again in a minute",
                          user);
    if (strcmp(error->code, "AccessDenied") == 0)
        return report_set(
            report,
            "AWS does not let you do iam:%s for user %s: ask for a policy "
            "that allows iam:ListAccessKeys, CreateAccessKey, "
            "UpdateAccessKey and DeleteAccessKey on your own user. AWS says: "
            "%.300s",
            name, user, error->message);
    return 0;
}

/* The operations on virtual MFA devices; 0 if it is none of their errors. */
static int
explain_mfa_device(const struct aws_request *request,
                   const struct aws_error *error, struct report *report)
{
    if (strcmp(error->code, "InvalidAuthenticationCode") == 0)
        return report_set(report, "AWS did not take the two codes: they must "
                                  "be of the new device, one right after the "
                                  "other");
    if (strcmp(error->code, "LimitExceeded") == 0)
        return report_set(report,
                          "there are as many MFA devices as AWS allows (eight "
                          "for a user): %.400s",
                          error->message);
    if (strcmp(error->code, "EntityTemporarilyUnmodifiable") == 0)
        return report_set(report, "AWS is busy with another change of the "
                                  "device: try again in a minute");
    if (strcmp(error->code, "AccessDenied") == 0)
        return report_set(
            report,
            "AWS does not let you do iam:%s: ask for a policy that allows "
            "CreateVirtualMFADevice, EnableMFADevice and "
            "DeleteVirtualMFADevice for your own user (README.md has one). "
            "AWS says: %.300s",
            aws_operation_name(request->operation), error->message);
    return 0;
}

/* What any operation can answer; 0 if it is none of these. */
static int
explain_common(const struct aws_request *request,
               const struct aws_error *error, struct report *report)
{
    char key[256];

    name_key(request, key, sizeof(key));
    if (strcmp(error->code, "InvalidClientTokenId") == 0)
        return report_set(report,
                          "AWS does not know %s: it may be deleted, inactive, "
                          "some seconds old, or of another partition than %s",
                          key, request->endpoint->host);
    if (strcmp(error->code, "ExpiredToken") == 0)
        return report_set(report, "%s has expired", key);
    if (is_error(error, "SignatureDoesNotMatch", "Credential should be"))
        return report_set(report,
                          "%s takes no requests for region %s: name the "
                          "endpoint's own one with --region or AWS_REGION. "
                          "AWS says: %.400s",
                          request->endpoint->host, request->endpoint->region,
                          error->message);
    if (strcmp(error->code, "SignatureDoesNotMatch") == 0 &&
        strstr(error->message, "Signature expired") == NULL &&
        strstr(error->message, "not yet current") == NULL)
        return report_set(report,
                          "the secret access key does not belong to %s: "
                          "correct it where it is stored (AWS says "
                          "SignatureDoesNotMatch)",
                          key);
    if (aws_error_is_clock(error))
        return report_set(report,
                          "the clock of this machine is off: AWS says %s: "
                          "%.400s",
                          error->code, error->message);
    if (strcmp(error->code, "RegionDisabledException") == 0)
        return report_set(report,
                          "STS is switched off for your account in region "
                          "%s: choose another --region",
                          request->endpoint->region);
    return 0;
}

static int
explain_mfa(const struct aws_request *request, const struct aws_error *error,
            struct report *report)
{
    if (aws_error_is_wrong_code(error))
        return report_set(report, "AWS refused the MFA code: it is wrong, or "
                                  "was used before (each works once)");
    if (aws_error_is_device(error))
        return report_set(
            report,
            "AWS could not check the MFA code with device %s: either that is "
            "not your device (see mfa_serial), or there were too many tries; "
            "then wait three minutes",
            request->serial_number);
    if (is_error(error, "AccessDenied", "session credentials"))
        return report_set(report,
                          "the access key %s is a temporary one, and AWS "
                          "gives sessions only for an IAM user's long-lived "
                          "key",
                          request->signer.access_key_id != NULL
                              ? request->signer.access_key_id
                              : "");
    return 0;
}

int
aws_error_explain(const struct aws_request *request,
                  const struct aws_error *error, const char *text,
                  struct report *report)
{
    int known = 0;

    if (error->kind == STS_ERROR_AWS) {
        if (request->operation == OPERATION_GET_SESSION_TOKEN)
            known = explain_mfa(request, error, report);
        if (known == 0 && request->operation == OPERATION_ASSUME_ROLE)
            known = explain_assume_role(request, error, report);
        if (known == 0 && request->operation >= OPERATION_CREATE_MFA_DEVICE)
            known = explain_mfa_device(request, error, report);
        else if (known == 0 &&
                 request->operation >= OPERATION_CREATE_ACCESS_KEY)
            known = explain_access_key(request, error, report);
        if (known == 0)
            known = explain_common(request, error, report);
    }
    if (known == 0)
        report_set(report, "%s: %s", aws_operation_name(request->operation),
                   text);
    return -1;
}
