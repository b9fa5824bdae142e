/*
 * What is wanted of an answer: see answer_table.h. Part of aws-session-sts.
 */
#include "answer_table.h"

#include <stdbool.h>
#include <string.h>

const struct wanted answer_table[] = {
    {OPERATION_GET_CALLER_IDENTITY, "Account", SHAPE_LINE, FIELD_ACCOUNT,
     USE_REQUIRED},
    {OPERATION_GET_CALLER_IDENTITY, "Arn", SHAPE_LINE, FIELD_ARN,
     USE_REQUIRED},
    {OPERATION_GET_CALLER_IDENTITY, "UserId", SHAPE_LINE, FIELD_USER_ID,
     USE_REQUIRED},
#define CREDENTIALS(operation)                                                \
    {operation, "Credentials/AccessKeyId", SHAPE_KEY_ID, FIELD_ACCESS_KEY_ID, \
     USE_REQUIRED},                                                           \
        {operation, "Credentials/SecretAccessKey", SHAPE_WORD,                \
         FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},                              \
        {operation, "Credentials/SessionToken", SHAPE_WORD,                   \
         FIELD_SESSION_TOKEN, USE_REQUIRED},                                  \
    {                                                                         \
        operation, "Credentials/Expiration", SHAPE_TIME, FIELD_EXPIRATION,    \
            USE_REQUIRED                                                      \
    }
    CREDENTIALS(OPERATION_GET_SESSION_TOKEN),
    CREDENTIALS(OPERATION_ASSUME_ROLE),
    {OPERATION_ASSUME_ROLE, "AssumedRoleUser/Arn", SHAPE_LINE, FIELD_ARN,
     USE_OPTIONAL},
    {OPERATION_LIST_MFA_DEVICES, "MFADevices", SHAPE_PARENT, 0, USE_REQUIRED},
    {OPERATION_LIST_MFA_DEVICES, "MFADevices/member/SerialNumber", SHAPE_LINE,
     FIELD_DEVICE, USE_REPEATED},
    {OPERATION_LIST_MFA_DEVICES, "IsTruncated", SHAPE_TRUTH, 0, USE_OPTIONAL},
    {OPERATION_LIST_MFA_DEVICES, "Marker", SHAPE_LINE, FIELD_MARKER,
     USE_OPTIONAL},
    {OPERATION_CREATE_ACCESS_KEY, "AccessKey/AccessKeyId", SHAPE_KEY_ID,
     FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {OPERATION_CREATE_ACCESS_KEY, "AccessKey/SecretAccessKey", SHAPE_WORD,
     FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},
    {OPERATION_CREATE_ACCESS_KEY, "AccessKey/UserName", SHAPE_LINE,
     FIELD_USER_NAME, USE_OPTIONAL},
    {OPERATION_LIST_ACCESS_KEYS, "AccessKeyMetadata", SHAPE_PARENT, 0,
     USE_REQUIRED},
    {OPERATION_LIST_ACCESS_KEYS, "AccessKeyMetadata/member", SHAPE_MEMBER,
     FIELD_KEY, USE_REPEATED},
    {OPERATION_LIST_ACCESS_KEYS, "AccessKeyMetadata/member/AccessKeyId",
     SHAPE_KEY_ID, FIELD_KEY, USE_REPEATED},
    {OPERATION_LIST_ACCESS_KEYS, "AccessKeyMetadata/member/Status", SHAPE_WORD,
     FIELD_KEY, USE_REPEATED},
    {OPERATION_LIST_ACCESS_KEYS, "AccessKeyMetadata/member/CreateDate",
     SHAPE_MOMENT, FIELD_KEY, USE_REPEATED},
    {OPERATION_LIST_ACCESS_KEYS, "IsTruncated", SHAPE_TRUTH, 0, USE_OPTIONAL},
    {OPERATION_LIST_ACCESS_KEYS, "Marker", SHAPE_LINE, FIELD_MARKER,
     USE_OPTIONAL},
    {OPERATION_UPDATE_ACCESS_KEY, "UpdateAccessKeyResponse", SHAPE_ROOT, 0,
     USE_REQUIRED},
    {OPERATION_DELETE_ACCESS_KEY, "DeleteAccessKeyResponse", SHAPE_ROOT, 0,
     USE_REQUIRED},
    {OPERATION_CREATE_MFA_DEVICE, "VirtualMFADevice/SerialNumber", SHAPE_LINE,
     FIELD_SERIAL_NUMBER, USE_REQUIRED},
    {OPERATION_CREATE_MFA_DEVICE, "VirtualMFADevice/Base32StringSeed",
     SHAPE_WORD, FIELD_SEED, USE_REQUIRED},
    {OPERATION_ENABLE_MFA_DEVICE, "EnableMFADeviceResponse", SHAPE_ROOT, 0,
     USE_REQUIRED},
    {OPERATION_DELETE_MFA_DEVICE, "DeleteVirtualMFADeviceResponse", SHAPE_ROOT,
     0, USE_REQUIRED},
    {0, "ErrorResponse/Error/Code", SHAPE_ERROR, FIELD_AWS_CODE, USE_OPTIONAL},
    {0, "ErrorResponse/Error/Message", SHAPE_ERROR, FIELD_AWS_MESSAGE,
     USE_OPTIONAL},
    {0, "ErrorResponse/RequestId", SHAPE_ERROR, FIELD_REQUEST_ID,
     USE_OPTIONAL},
    {0, "ErrorResponse/RequestID", SHAPE_ERROR, FIELD_REQUEST_ID,
     USE_OPTIONAL},
    {0, NULL, 0, 0, 0},
};

_Static_assert(sizeof(answer_table) / sizeof(answer_table[0]) <= WANTED_MAX,
               "a reader counts what it has seen");

static const struct {
    const char *name;
    enum message_type answer;
} operations[] = {
    [OPERATION_GET_CALLER_IDENTITY] = {"GetCallerIdentity",
                                       MESSAGE_STS_IDENTITY},
    [OPERATION_GET_SESSION_TOKEN] = {"GetSessionToken", MESSAGE_STS_SESSION},
    [OPERATION_ASSUME_ROLE] = {"AssumeRole", MESSAGE_STS_SESSION},
    [OPERATION_LIST_MFA_DEVICES] = {"ListMFADevices", MESSAGE_STS_MFA_DEVICES},
    [OPERATION_CREATE_ACCESS_KEY] = {"CreateAccessKey",
                                     MESSAGE_STS_ACCESS_KEY},
    [OPERATION_UPDATE_ACCESS_KEY] = {"UpdateAccessKey", MESSAGE_STS_DONE},
    [OPERATION_DELETE_ACCESS_KEY] = {"DeleteAccessKey", MESSAGE_STS_DONE},
    [OPERATION_LIST_ACCESS_KEYS] = {"ListAccessKeys", MESSAGE_STS_ACCESS_KEYS},
    [OPERATION_CREATE_MFA_DEVICE] = {"CreateVirtualMFADevice",
                                     MESSAGE_STS_MFA_DEVICE},
    [OPERATION_ENABLE_MFA_DEVICE] = {"EnableMFADevice", MESSAGE_STS_DONE},
    [OPERATION_DELETE_MFA_DEVICE] = {"DeleteVirtualMFADevice",
                                     MESSAGE_STS_DONE},
};

/* If the path begins with "NAMEtail/", return what follows, else NULL. */
static const char *
skip_step(const char *path, const char *name, const char *tail)
{
    size_t length = strlen(name);

    if (path == NULL || strncmp(path, name, length) != 0)
        return NULL;
    path += length;
    length = strlen(tail);
    return strncmp(path, tail, length) == 0 ? path + length : NULL;
}

const struct wanted *
answer_table_find(enum operation operation, const char *path)
{
    const char *name = operations[operation].name;
    const char *below = skip_step(skip_step(path, name, "Response/"), name,
                                  "Result/");

    for (const struct wanted *wanted = answer_table; wanted->path != NULL;
         wanted++) {
        bool whole = wanted->operation == 0 || wanted->shape == SHAPE_ROOT;
        const char *compared = whole ? path : below;

        if ((wanted->operation == 0 || wanted->operation == operation) &&
            compared != NULL && strcmp(compared, wanted->path) == 0)
            return wanted;
    }
    return NULL;
}

enum message_type
answer_table_type(enum operation operation)
{
    return operations[operation].answer;
}
