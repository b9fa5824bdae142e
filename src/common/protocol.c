/*
 * The schema of our messages: see protocol.h. Part of libcommon.
 *
 * Lengths follow AWS's own limits (API reference of STS and IAM) where there
 * are any; a session token has none by contract, so it gets a generous one.
 */
#include "protocol.h"

enum { SHORT = 256, ARN = 2048, TOKEN = 65536, LONG = 131072 };

static const struct field_rule fields[FIELD_COUNT] = {
    [FIELD_OPERATION] = {KIND_NUMBER, 8},
    [FIELD_HOST] = {KIND_TEXT, SHORT + 6},
    [FIELD_PATH] = {KIND_TEXT, 1024},
    [FIELD_REGION] = {KIND_TEXT, 63},
    [FIELD_CLOCK_OFFSET] = {KIND_NUMBER, 8},
    [FIELD_PROFILE] = {KIND_TEXT, 1024},
    [FIELD_ACCESS_KEY_ID] = {KIND_TEXT, 128},
    [FIELD_SECRET_ACCESS_KEY] = {KIND_BYTES, SHORT},
    [FIELD_SESSION_TOKEN] = {KIND_BYTES, TOKEN},
    [FIELD_DURATION_SECONDS] = {KIND_NUMBER, 8},
    [FIELD_SERIAL_NUMBER] = {KIND_TEXT, SHORT},
    [FIELD_TOKEN_CODE] = {KIND_BYTES, 6},
    [FIELD_ROLE_ARN] = {KIND_TEXT, ARN},
    [FIELD_ROLE_SESSION_NAME] = {KIND_TEXT, 64},
    [FIELD_EXTERNAL_ID] = {KIND_TEXT, 1224},
    [FIELD_MARKER] = {KIND_TEXT, 4096},
    [FIELD_USER_NAME] = {KIND_TEXT, 128},
    [FIELD_TARGET_KEY_ID] = {KIND_TEXT, 128},
    [FIELD_STATUS] = {KIND_TEXT, 16},
    [FIELD_REPLACE] = {KIND_NUMBER, 8},
    [FIELD_AMZ_DATE] = {KIND_TEXT, 16},
    [FIELD_AUTHORIZATION] = {KIND_TEXT, 1024},
    [FIELD_BODY] = {KIND_BYTES, LONG},
    [FIELD_CONTENT_LENGTH] = {KIND_NUMBER, 8},
    [FIELD_PROTECTION] = {KIND_NUMBER, 8},
    [FIELD_REFUSAL] = {KIND_NUMBER, 8},
    [FIELD_TEXT] = {KIND_TEXT, 1024},
    [FIELD_ORIGIN] = {KIND_TEXT, SHORT + 16},
    [FIELD_CA_BUNDLE] = {KIND_TEXT, 4096},
    [FIELD_PROXY] = {KIND_TEXT, 4096},
    [FIELD_NO_PROXY] = {KIND_TEXT, 16384},
    [FIELD_CONNECT_TIMEOUT] = {KIND_NUMBER, 8},
    [FIELD_REQUEST_TIMEOUT] = {KIND_NUMBER, 8},
    [FIELD_ACCOUNT] = {KIND_TEXT, SHORT},
    [FIELD_ARN] = {KIND_TEXT, ARN},
    [FIELD_USER_ID] = {KIND_TEXT, SHORT},
    [FIELD_EXPIRATION] = {KIND_NUMBER, 8},
    [FIELD_DEVICE] = {KIND_TEXT, SHORT},
    [FIELD_KEY] = {KIND_TEXT, SHORT},
    [FIELD_ERROR] = {KIND_NUMBER, 8},
    [FIELD_HTTP_STATUS] = {KIND_NUMBER, 8},
    [FIELD_AWS_CODE] = {KIND_TEXT, 128},
    [FIELD_AWS_MESSAGE] = {KIND_TEXT, 2048},
    [FIELD_REQUEST_ID] = {KIND_TEXT, 128},
    [FIELD_SERVER_DATE] = {KIND_NUMBER, 8},
    [FIELD_SENT] = {KIND_NUMBER, 8},
    [FIELD_TIMING] = {KIND_TEXT, 256},
    [FIELD_ASKING] = {KIND_NUMBER, 8},
    [FIELD_IN_FILES] = {KIND_NUMBER, 8},
    [FIELD_EXIT_STATUS] = {KIND_NUMBER, 8},
    [FIELD_ABOUT] = {KIND_NUMBER, 8},
    [FIELD_LIFETIME] = {KIND_NUMBER, 8},
};

struct use_rule {
    unsigned char field;
    unsigned char use;
};

/* What is to be signed, and with which key. */
#define TO_SIGN                                                               \
    {FIELD_OPERATION, USE_REQUIRED}, {FIELD_HOST, USE_REQUIRED},              \
        {FIELD_PATH, USE_REQUIRED}, {FIELD_REGION, USE_REQUIRED},             \
        {FIELD_CLOCK_OFFSET, USE_OPTIONAL}, {FIELD_PROFILE, USE_OPTIONAL},    \
        {FIELD_ACCESS_KEY_ID, USE_OPTIONAL},                                  \
        {FIELD_SECRET_ACCESS_KEY, USE_OPTIONAL},                              \
        {FIELD_SESSION_TOKEN, USE_OPTIONAL},                                  \
        {FIELD_DURATION_SECONDS, USE_OPTIONAL},                               \
        {FIELD_SERIAL_NUMBER, USE_OPTIONAL},                                  \
        {FIELD_TOKEN_CODE, USE_OPTIONAL}, {FIELD_ROLE_ARN, USE_OPTIONAL},     \
        {FIELD_ROLE_SESSION_NAME, USE_OPTIONAL},                              \
        {FIELD_EXTERNAL_ID, USE_OPTIONAL}, {FIELD_MARKER, USE_OPTIONAL},      \
        {FIELD_USER_NAME, USE_OPTIONAL}, {FIELD_TARGET_KEY_ID, USE_OPTIONAL}, \
    {                                                                         \
        FIELD_STATUS, USE_OPTIONAL                                            \
    }

/* What every answer of AWS may carry. */
#define ANSWER                                                                \
    {FIELD_SERVER_DATE, USE_OPTIONAL}, {FIELD_REQUEST_ID, USE_OPTIONAL},      \
    {                                                                         \
        FIELD_TIMING, USE_OPTIONAL                                            \
    }

static const struct use_rule sign_request[] = {TO_SIGN, {0, 0}};
static const struct use_rule sign_described[] = {
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_PROTECTION, USE_REQUIRED},
    {FIELD_CONTENT_LENGTH, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule sign_result[] = {
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_PROTECTION, USE_REQUIRED},
    {FIELD_AMZ_DATE, USE_REQUIRED},
    {FIELD_AUTHORIZATION, USE_REQUIRED},
    {FIELD_SESSION_TOKEN, USE_OPTIONAL},
    {FIELD_BODY, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule sign_refused[] = {
    {FIELD_REFUSAL, USE_REQUIRED},
    {FIELD_TEXT, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule sts_open[] = {
    {FIELD_OPERATION, USE_REQUIRED},
    {FIELD_ORIGIN, USE_REQUIRED},
    {FIELD_HOST, USE_REQUIRED},
    {FIELD_PATH, USE_REQUIRED},
    {FIELD_CONTENT_LENGTH, USE_REQUIRED},
    {FIELD_CA_BUNDLE, USE_OPTIONAL},
    {FIELD_PROXY, USE_OPTIONAL},
    {FIELD_NO_PROXY, USE_OPTIONAL},
    {FIELD_CONNECT_TIMEOUT, USE_REQUIRED},
    {FIELD_REQUEST_TIMEOUT, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule sts_send[] = {
    {FIELD_AMZ_DATE, USE_REQUIRED},
    {FIELD_AUTHORIZATION, USE_REQUIRED},
    {FIELD_SESSION_TOKEN, USE_OPTIONAL},
    {FIELD_BODY, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule sts_identity[] = {
    {FIELD_ACCOUNT, USE_REQUIRED},
    {FIELD_ARN, USE_REQUIRED},
    {FIELD_USER_ID, USE_REQUIRED},
    ANSWER,
    {0, 0},
};
static const struct use_rule sts_session[] = {
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},
    {FIELD_SESSION_TOKEN, USE_REQUIRED},
    {FIELD_EXPIRATION, USE_REQUIRED},
    {FIELD_ARN, USE_OPTIONAL}, /* of the assumed role */
    ANSWER,
    {0, 0},
};
static const struct use_rule sts_mfa_devices[] = {
    {FIELD_DEVICE, USE_REPEATED},
    {FIELD_MARKER, USE_OPTIONAL}, /* there is more: ask again with it */
    ANSWER,
    {0, 0},
};
static const struct use_rule sts_error[] = {
    {FIELD_ERROR, USE_REQUIRED},
    {FIELD_TEXT, USE_REQUIRED},
    {FIELD_SENT, USE_REQUIRED},
    {FIELD_HTTP_STATUS, USE_REQUIRED},
    {FIELD_AWS_CODE, USE_OPTIONAL},
    {FIELD_AWS_MESSAGE, USE_OPTIONAL},
    ANSWER,
    {0, 0},
};

static const struct use_rule key_store[] = {
    {FIELD_PROFILE, USE_REQUIRED},
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},
    {FIELD_REPLACE, USE_OPTIONAL},
    {FIELD_LIFETIME, USE_OPTIONAL},
    {0, 0},
};
static const struct use_rule key_remove[] = {
    {FIELD_PROFILE, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule key_done[] = {
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED}, /* empty: the removed one had none */
    {FIELD_PROTECTION, USE_REQUIRED},
    {FIELD_TEXT, USE_OPTIONAL}, /* what the person should know besides */
    {0, 0},
};
static const struct use_rule sts_access_key[] = {
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},
    {FIELD_USER_NAME, USE_OPTIONAL},
    ANSWER,
    {0, 0},
};
static const struct use_rule sts_access_keys[] = {
    {FIELD_KEY, USE_REPEATED},
    {FIELD_MARKER, USE_OPTIONAL}, /* there is more: ask again with it */
    ANSWER,
    {0, 0},
};
static const struct use_rule sts_done[] = {ANSWER, {0, 0}};
static const struct use_rule session_asking[] = {
    {FIELD_ASKING, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule session_told[] = {
    {FIELD_ABOUT, USE_REQUIRED},
    {FIELD_TEXT, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule session_got[] = {
    {FIELD_PROFILE, USE_REQUIRED},
    {FIELD_REGION, USE_OPTIONAL},
    {FIELD_IN_FILES, USE_REQUIRED},
    {FIELD_ACCESS_KEY_ID, USE_REQUIRED},
    {FIELD_SECRET_ACCESS_KEY, USE_REQUIRED},
    {FIELD_SESSION_TOKEN, USE_REQUIRED},
    {FIELD_EXPIRATION, USE_REQUIRED},
    {0, 0},
};
static const struct use_rule session_failed[] = {
    {FIELD_EXIT_STATUS, USE_REQUIRED},
    {FIELD_TEXT, USE_REQUIRED},
    {0, 0},
};

static const struct use_rule *const types[] = {
    [MESSAGE_SIGN_DESCRIBE] = sign_request,
    [MESSAGE_SIGN_REQUEST] = sign_request,
    [MESSAGE_SIGN_DESCRIBED] = sign_described,
    [MESSAGE_SIGN_RESULT] = sign_result,
    [MESSAGE_SIGN_REFUSED] = sign_refused,
    [MESSAGE_STS_OPEN] = sts_open,
    [MESSAGE_STS_SEND] = sts_send,
    [MESSAGE_STS_IDENTITY] = sts_identity,
    [MESSAGE_STS_SESSION] = sts_session,
    [MESSAGE_STS_MFA_DEVICES] = sts_mfa_devices,
    [MESSAGE_STS_ERROR] = sts_error,
    [MESSAGE_KEY_STORE] = key_store,
    [MESSAGE_KEY_REMOVE] = key_remove,
    [MESSAGE_KEY_DONE] = key_done,
    [MESSAGE_STS_ACCESS_KEY] = sts_access_key,
    [MESSAGE_STS_ACCESS_KEYS] = sts_access_keys,
    [MESSAGE_STS_DONE] = sts_done,
    [MESSAGE_SESSION_ASKING] = session_asking,
    [MESSAGE_SESSION_TOLD] = session_told,
    [MESSAGE_SESSION_GOT] = session_got,
    [MESSAGE_SESSION_FAILED] = session_failed,
};

const struct field_rule *
protocol_field(unsigned field)
{
    if (field == 0 || field >= FIELD_COUNT)
        return NULL;
    return &fields[field];
}

bool
protocol_has_type(unsigned type)
{
    return type < sizeof(types) / sizeof(types[0]) && types[type] != NULL;
}

enum field_use
protocol_use(unsigned type, unsigned field)
{
    if (!protocol_has_type(type))
        return 0;
    for (const struct use_rule *rule = types[type]; rule->field != 0; rule++)
        if (rule->field == field)
            return rule->use;
    return 0;
}
