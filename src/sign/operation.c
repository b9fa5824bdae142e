/*
 * The table of operations: see operation.h. Part of aws-session-sign.
 */
#include "operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const statuses[] = {"Active", "Inactive", NULL};

/* All parameters there are, in the order in which a body has them. */
static const struct parameter {
    enum message_field field;
    const char *name;
    size_t min_length, max_length; /* of a text */
    const char *characters;        /* of a text; NULL: it is a number */
    const char *const *choices;    /* of a text; NULL: any */
} parameters[] = {
    {FIELD_ROLE_ARN, "RoleArn", 20, 2048, GRAPHIC, NULL},
    {FIELD_ROLE_SESSION_NAME, "RoleSessionName", 2, 64, WORD "+=,.@-", NULL},
    {FIELD_EXTERNAL_ID, "ExternalId", 2, 1224, WORD "+=,.@:/-", NULL},
    {FIELD_DURATION_SECONDS, "DurationSeconds", 0, 0, NULL, NULL},
    {FIELD_SERIAL_NUMBER, "SerialNumber", 9, 256, WORD "+=/:,.@-", NULL},
    {FIELD_TOKEN_CODE, "TokenCode", 6, 6, "0123456789", NULL},
    {FIELD_USER_NAME, "UserName", 1, 128, WORD "+=,.@-", NULL},
    {FIELD_TARGET_KEY_ID, "AccessKeyId", 16, 128, WORD, NULL},
    {FIELD_STATUS, "Status", 1, 16, WORD, statuses},
    {FIELD_DEVICE_NAME, "VirtualMFADeviceName", 1, 226, WORD "+=,.@-", NULL},
    {FIELD_FIRST_CODE, "AuthenticationCode1", 6, 6, "0123456789", NULL},
    {FIELD_SECOND_CODE, "AuthenticationCode2", 6, 6, "0123456789", NULL},
    /* AWS's own bound is 320; it made the marker, so it may be longer. */
    {FIELD_MARKER, "Marker", 1, 4096, GRAPHIC " ", NULL},
};
enum { PARAMETER_COUNT = sizeof(parameters) / sizeof(parameters[0]) };

enum { MIN_DURATION = 900 };
#define MFA (MESSAGE_BIT(FIELD_SERIAL_NUMBER) | MESSAGE_BIT(FIELD_TOKEN_CODE))
#define STS "sts", "2011-06-15"
#define IAM "iam", "2010-05-08"

#define BIT MESSAGE_BIT
static const struct operation_rule operations[] = {
    [OPERATION_GET_CALLER_IDENTITY] = {"GetCallerIdentity", STS, 0, 0, 0, 0},
    [OPERATION_GET_SESSION_TOKEN] = {"GetSessionToken", STS, 0,
                                     BIT(FIELD_DURATION_SECONDS) | MFA, 129600,
                                     43200},
    [OPERATION_ASSUME_ROLE] =
        {"AssumeRole", STS, BIT(FIELD_ROLE_ARN) | BIT(FIELD_ROLE_SESSION_NAME),
         BIT(FIELD_EXTERNAL_ID) | BIT(FIELD_DURATION_SECONDS) | MFA, 43200,
         3600},
    [OPERATION_LIST_MFA_DEVICES] = {"ListMFADevices", IAM, 0,
                                    BIT(FIELD_MARKER), 0, 0},
    [OPERATION_CREATE_ACCESS_KEY] = {"CreateAccessKey", IAM, 0,
                                     BIT(FIELD_USER_NAME), 0, 0},
    [OPERATION_UPDATE_ACCESS_KEY] = {"UpdateAccessKey", IAM,
                                     BIT(FIELD_TARGET_KEY_ID) |
                                         BIT(FIELD_STATUS),
                                     BIT(FIELD_USER_NAME), 0, 0},
    [OPERATION_DELETE_ACCESS_KEY] = {"DeleteAccessKey", IAM,
                                     BIT(FIELD_TARGET_KEY_ID),
                                     BIT(FIELD_USER_NAME), 0, 0},
    [OPERATION_LIST_ACCESS_KEYS] = {"ListAccessKeys", IAM, 0,
                                    BIT(FIELD_USER_NAME) | BIT(FIELD_MARKER),
                                    0, 0},
    [OPERATION_CREATE_MFA_DEVICE] = {"CreateVirtualMFADevice", IAM,
                                     BIT(FIELD_DEVICE_NAME), 0, 0, 0},
    [OPERATION_ENABLE_MFA_DEVICE] = {"EnableMFADevice", IAM,
                                     BIT(FIELD_USER_NAME) |
                                         BIT(FIELD_SERIAL_NUMBER) |
                                         BIT(FIELD_FIRST_CODE) |
                                         BIT(FIELD_SECOND_CODE),
                                     0, 0, 0},
    [OPERATION_DELETE_MFA_DEVICE] = {"DeleteVirtualMFADevice", IAM,
                                     BIT(FIELD_SERIAL_NUMBER), 0, 0, 0},
};
enum { OPERATION_COUNT = sizeof(operations) / sizeof(operations[0]) };

/* They carry no MFA code, and are as good as a key. */
#define CHANGES_KEYS                                                          \
    (BIT(OPERATION_CREATE_ACCESS_KEY) | BIT(OPERATION_UPDATE_ACCESS_KEY) |    \
     BIT(OPERATION_DELETE_ACCESS_KEY))

const struct operation_rule *
operation_find(int64_t number)
{
    if (number < 1 || number >= OPERATION_COUNT)
        return NULL;
    return &operations[number];
}

bool
characters_only(const char *text, size_t length, const char *set)
{
    size_t count = strlen(set);

    for (size_t i = 0; i < length; i++)
        if (memchr(set, text[i], count) == NULL)
            return false;
    return true;
}

int
append_encoded(struct secret *secret, const char *text, size_t length,
               const char *set)
{
    char encoded[4];

    for (size_t i = 0; i < length; i++) {
        if (!characters_only(text + i, 1, set))
            snprintf(encoded, sizeof(encoded), "%%%02X",
                     (unsigned)(unsigned char)text[i]);
        else
            snprintf(encoded, sizeof(encoded), "%c",
                     text[i] == ' ' ? '+' : text[i]);
        if (secret_append_string(secret, encoded) != 0)
            return -1;
    }
    return 0;
}

static bool
is_choice(const char *text, size_t length, const char *const *choices)
{
    for (; *choices != NULL; choices++)
        if (length == strlen(*choices) && memcmp(text, *choices, length) == 0)
            return true;
    return false;
}

/* Append "&NAME=VALUE". Returns 0, or -1 without memory. */
static int
append_pair(struct secret *body, const char *name, const char *value,
            size_t length)
{
    if (secret_append_string(body, "&") != 0 ||
        secret_append_string(body, name) != 0 ||
        secret_append_string(body, "=") != 0)
        return -1;
    return append_encoded(body, value, length, UNRESERVED " ");
}

/* Check one given parameter and append it. No sentence repeats a value. */
static int
add_parameter(const struct operation_rule *operation,
              const struct parameter *parameter, const struct message *message,
              struct secret *body, struct report *report)
{
    size_t length = 0;
    const char *text = message_bytes(message, parameter->field, &length);
    char decimal[24];

    if (parameter->characters == NULL) {
        int64_t number = message_number(message, parameter->field, 0);

        if (number < MIN_DURATION || number > operation->max_duration)
            return report_set(report,
                              "%s takes a %s of %d to %" PRId64 " seconds",
                              operation->name, parameter->name, MIN_DURATION,
                              operation->max_duration);
        length = (size_t)snprintf(decimal, sizeof(decimal), "%" PRId64,
                                  number);
        text = decimal;
    } else if (length < parameter->min_length ||
               length > parameter->max_length)
        return report_set(report, "%s must be %zu to %zu characters long",
                          parameter->name, parameter->min_length,
                          parameter->max_length);
    else if (!characters_only(text, length, parameter->characters))
        return report_set(report, "%s has a character that AWS does not take",
                          parameter->name);
    else if (parameter->choices != NULL &&
             !is_choice(text, length, parameter->choices))
        return report_set(report, "%s is %s or %s", parameter->name,
                          parameter->choices[0], parameter->choices[1]);
    if (append_pair(body, parameter->name, text, length) != 0)
        return report_set(report, "out of memory");
    return 0;
}

int
operation_body(const struct operation_rule *operation,
               const struct message *message, struct secret *body,
               struct report *report)
{
    uint64_t given = 0;

    if (secret_append_string(body, "Action=") != 0 ||
        secret_append_string(body, operation->name) != 0 ||
        append_pair(body, "Version", operation->version,
                    strlen(operation->version)) != 0)
        return report_set(report, "out of memory");
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *parameter = &parameters[i];
        uint64_t bit = MESSAGE_BIT(parameter->field);
        size_t length;

        if (message_bytes(message, parameter->field, &length) == NULL) {
            if ((operation->required & bit) != 0)
                return report_set(report, "%s needs %s", operation->name,
                                  parameter->name);
            continue;
        }
        if (((operation->required | operation->optional) & bit) == 0)
            return report_set(report, "%s takes no %s", operation->name,
                              parameter->name);
        given |= bit;
        if (add_parameter(operation, parameter, message, body, report) != 0)
            return -1;
    }
    if (operation->max_duration > 0 && (given & MFA) != 0 &&
        (given & MFA) != MFA)
        return report_set(report, "SerialNumber and TokenCode go together: "
                                  "only one of them was given");
    return 0;
}

int
operation_permitted(const struct operation_rule *operation,
                    const struct message *message, const struct policy *policy,
                    struct report *report)
{
    int64_t duration = message_number(message, FIELD_DURATION_SECONDS,
                                      operation->default_duration);
    size_t length;

    if ((policy->allowed_operations & BIT(operation - operations)) == 0)
        return report_set(report,
                          "this machine's policy lets no stored key sign %s "
                          "(allowed_operations)",
                          operation->name);
    if (policy->require_mfa && operation->max_duration > 0 &&
        message_bytes(message, FIELD_TOKEN_CODE, &length) == NULL)
        return report_set(report,
                          "this machine's policy lets a stored key sign %s "
                          "only with an MFA code (require_mfa)",
                          operation->name);
    /* Else any process of the caller's could have AWS make it a key that it
     * can read, and needed neither a code nor the stored one. */
    if (policy->require_mfa && (BIT(operation - operations) & CHANGES_KEYS))
        return report_set(report,
                          "this machine's policy lets no stored key sign %s: "
                          "it takes the keys of a session with MFA "
                          "(require_mfa)",
                          operation->name);
    if (duration > policy->max_session_duration)
        return report_set(report,
                          "this machine's policy allows sessions of up to %u "
                          "seconds, and this is one of %" PRId64
                          " (max_session_duration)",
                          policy->max_session_duration, duration);
    return 0;
}
