/*
 * The signer's table of operations (src/sign/operation.c): bodies as botocore
 * writes them, limits on both sides, and a refusal for everything else.
 */
#include "sign/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SERIAL "arn:aws:iam::123456789012:mfa/jane+doe@x"
#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define USER "jane.doe+x=1,2@y-z_0"
#define USER_ENCODED "jane.doe%2Bx%3D1%2C2%40y-z_0"
#define ROLE "arn:aws:iam::123456789012:role/Admin"

/* Values to try: 0 ends the list, a NULL text means the number. */
struct value {
    enum message_field field;
    const char *text;
    int64_t number;
};

/* The body of an operation with these values; NULL text if refused. */
static int
build(enum operation number, const struct value *values, struct secret *body,
      struct report *report)
{
    struct message message = {0};
    int result;

    message_begin(&message, MESSAGE_SIGN_REQUEST);
    for (; values->field != 0; values++)
        if (values->text != NULL)
            message_put_text(&message, values->field, values->text);
        else
            message_put_number(&message, values->field, values->number);
    secret_clear(body);
    result = operation_body(operation_find(number), &message, body, report);
    message_free(&message);
    return result;
}

static void
expect(enum operation number, const struct value *values, const char *expected)
{
    struct secret body = {0};
    struct report report = {""};

    if (build(number, values, &body, &report) != 0)
        fail_msg("refused: %s", report.text);
    assert_string_equal(body.data, expected);
    assert_int_equal(body.length, strlen(expected));
    secret_free(&body);
}

static void
refuse(enum operation number, const struct value *values, const char *sentence)
{
    struct secret body = {0};
    struct report report = {""};

    if (build(number, values, &body, &report) == 0)
        fail_msg("accepted: %s", body.data);
    if (strstr(report.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, report.text);
    secret_free(&body);
}

#define VALUES(...) ((const struct value[]){__VA_ARGS__, {0, NULL, 0}})
#define NOTHING ((const struct value[]){{0, NULL, 0}})

static void
no_other_operations_exist(void **state)
{
    static const char *const names[] = {
        "GetCallerIdentity", "GetSessionToken",       "AssumeRole",
        "ListMFADevices",    "CreateAccessKey",       "UpdateAccessKey",
        "DeleteAccessKey",   "ListAccessKeys",        "CreateVirtualMFADevice",
        "EnableMFADevice",   "DeleteVirtualMFADevice"};

    (void)state;
    for (int64_t i = 1; i <= 11; i++) {
        const struct operation_rule *rule = operation_find(i);

        assert_string_equal(rule->name, names[i - 1]);
        assert_string_equal(rule->service, i >= 4 ? "iam" : "sts");
        assert_string_equal(rule->version,
                            i >= 4 ? "2010-05-08" : "2011-06-15");
        assert_true((rule->max_duration > 0) == (i == 2 || i == 3));
        assert_true(rule->default_duration <= rule->max_duration);
    }
    assert_null(operation_find(0));
    assert_null(operation_find(12));
    assert_null(operation_find(-1));
    assert_null(operation_find(INT64_MAX));
    assert_null(operation_find(INT64_MIN));
    assert_null(operation_find((INT64_C(1) << 32) + 1));
}

static void
builds_bodies(void **state)
{
    (void)state;
    expect(OPERATION_GET_CALLER_IDENTITY, NOTHING,
           "Action=GetCallerIdentity&Version=2011-06-15");
    expect(OPERATION_GET_SESSION_TOKEN, NOTHING,
           "Action=GetSessionToken&Version=2011-06-15");
    expect(OPERATION_GET_SESSION_TOKEN,
           VALUES({FIELD_TOKEN_CODE, "012345", 0},
                  {FIELD_SERIAL_NUMBER, SERIAL, 0},
                  {FIELD_DURATION_SECONDS, NULL, 129600}),
           "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=129600"
           "&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fjane%2Bdoe"
           "%40x&TokenCode=012345");
    expect(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE, 0},
                  {FIELD_ROLE_SESSION_NAME, "me@host=1,2.3-4_5", 0},
                  {FIELD_EXTERNAL_ID, "a:b/c=d,e.f@g-h", 0},
                  {FIELD_DURATION_SECONDS, NULL, 3600}),
           "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
           "123456789012%3Arole%2FAdmin&RoleSessionName=me%40host%3D1%2C2.3-4"
           "_5&ExternalId=a%3Ab%2Fc%3Dd%2Ce.f%40g-h&DurationSeconds=3600");
    expect(OPERATION_LIST_MFA_DEVICES, NOTHING,
           "Action=ListMFADevices&Version=2010-05-08");
    expect(OPERATION_LIST_MFA_DEVICES, VALUES({FIELD_MARKER, "a b*/+=~&%", 0}),
           "Action=ListMFADevices&Version=2010-05-08&Marker="
           "a+b%2A%2F%2B%3D~%26%25");
    expect(OPERATION_CREATE_ACCESS_KEY, NOTHING,
           "Action=CreateAccessKey&Version=2010-05-08");
    expect(OPERATION_CREATE_ACCESS_KEY, VALUES({FIELD_USER_NAME, USER, 0}),
           "Action=CreateAccessKey&Version=2010-05-08&UserName=" USER_ENCODED);
    expect(OPERATION_UPDATE_ACCESS_KEY,
           VALUES({FIELD_STATUS, "Inactive", 0},
                  {FIELD_TARGET_KEY_ID, KEY_ID, 0},
                  {FIELD_USER_NAME, USER, 0}),
           "Action=UpdateAccessKey&Version=2010-05-08&UserName=" USER_ENCODED
           "&AccessKeyId=" KEY_ID "&Status=Inactive");
    expect(
        OPERATION_UPDATE_ACCESS_KEY,
        VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}, {FIELD_STATUS, "Active", 0}),
        "Action=UpdateAccessKey&Version=2010-05-08&AccessKeyId=" KEY_ID
        "&Status=Active");
    expect(OPERATION_DELETE_ACCESS_KEY,
           VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}),
           "Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId=" KEY_ID);
    expect(OPERATION_CREATE_MFA_DEVICE,
           VALUES({FIELD_DEVICE_NAME, "jane+doe@x", 0}),
           "Action=CreateVirtualMFADevice&Version=2010-05-08"
           "&VirtualMFADeviceName=jane%2Bdoe%40x");
    expect(OPERATION_ENABLE_MFA_DEVICE,
           VALUES({FIELD_SECOND_CODE, "000002", 0},
                  {FIELD_FIRST_CODE, "000001", 0},
                  {FIELD_USER_NAME, "jane", 0},
                  {FIELD_SERIAL_NUMBER, SERIAL, 0}),
           "Action=EnableMFADevice&Version=2010-05-08&SerialNumber=arn%3Aaws"
           "%3Aiam%3A%3A123456789012%3Amfa%2Fjane%2Bdoe%40x&UserName=jane"
           "&AuthenticationCode1=000001&AuthenticationCode2=000002");
    expect(OPERATION_DELETE_MFA_DEVICE,
           VALUES({FIELD_SERIAL_NUMBER, SERIAL, 0}),
           "Action=DeleteVirtualMFADevice&Version=2010-05-08&SerialNumber=arn"
           "%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fjane%2Bdoe%40x");
    expect(OPERATION_LIST_ACCESS_KEYS,
           VALUES({FIELD_USER_NAME, "jane", 0}, {FIELD_MARKER, "m=", 0}),
           "Action=ListAccessKeys&Version=2010-05-08&UserName=jane&Marker=m"
           "%3D");
}

static void
bounds_durations(void **state)
{
    static const struct {
        enum operation operation;
        int64_t seconds;
        int good;
    } cases[] = {
        {OPERATION_GET_SESSION_TOKEN, 899, 0},
        {OPERATION_GET_SESSION_TOKEN, 900, 1},
        {OPERATION_GET_SESSION_TOKEN, 129600, 1},
        {OPERATION_GET_SESSION_TOKEN, 129601, 0},
        {OPERATION_GET_SESSION_TOKEN, -900, 0},
        {OPERATION_GET_SESSION_TOKEN, INT64_MIN, 0},
        {OPERATION_GET_SESSION_TOKEN, INT64_MAX, 0},
        {OPERATION_ASSUME_ROLE, 899, 0},
        {OPERATION_ASSUME_ROLE, 43200, 1},
        {OPERATION_ASSUME_ROLE, 43201, 0},
    };
    struct secret body = {0};
    struct report report;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct value values[4] = {
            {FIELD_DURATION_SECONDS, NULL, cases[i].seconds}};

        if (cases[i].operation == OPERATION_ASSUME_ROLE) {
            values[1] = (struct value){FIELD_ROLE_ARN, ROLE, 0};
            values[2] = (struct value){FIELD_ROLE_SESSION_NAME, "me", 0};
        }
        assert_int_equal(build(cases[i].operation, values, &body, &report),
                         cases[i].good ? 0 : -1);
    }
    secret_free(&body);
}

/* A text of that length, of one character. */
static const char *
repeat(char character, size_t length)
{
    static char text[5000];

    memset(text, character, length);
    text[length] = '\0';
    return text;
}

static void
bounds_lengths(void **state)
{
    static const struct {
        enum message_field field;
        size_t shortest, longest;
    } cases[] = {
        {FIELD_ROLE_ARN, 20, 2048},   {FIELD_ROLE_SESSION_NAME, 2, 64},
        {FIELD_EXTERNAL_ID, 2, 1224}, {FIELD_SERIAL_NUMBER, 9, 256},
        {FIELD_TOKEN_CODE, 6, 6},     {FIELD_MARKER, 1, 4096},
        {FIELD_USER_NAME, 1, 128},    {FIELD_TARGET_KEY_ID, 16, 128},
    };
    struct secret body = {0};
    struct report report;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int step = 0; step < 4; step++) {
            size_t length = step < 2 ? cases[i].shortest - (step == 0)
                                     : cases[i].longest + (step == 3);
            enum message_field field = cases[i].field;
            struct value values[5] = {{field, repeat('1', length), 0}};
            size_t n = 1;

            enum operation operation = field == FIELD_MARKER
                                           ? OPERATION_LIST_MFA_DEVICES
                                       : field == FIELD_USER_NAME
                                           ? OPERATION_CREATE_ACCESS_KEY
                                       : field == FIELD_TARGET_KEY_ID
                                           ? OPERATION_DELETE_ACCESS_KEY
                                           : OPERATION_ASSUME_ROLE;

            if (field == FIELD_SERIAL_NUMBER)
                values[n++] = (struct value){FIELD_TOKEN_CODE, "123456", 0};
            if (field == FIELD_TOKEN_CODE)
                values[n++] = (struct value){FIELD_SERIAL_NUMBER, SERIAL, 0};
            if (operation == OPERATION_ASSUME_ROLE && field != FIELD_ROLE_ARN)
                values[n++] = (struct value){FIELD_ROLE_ARN, ROLE, 0};
            if (operation == OPERATION_ASSUME_ROLE &&
                field != FIELD_ROLE_SESSION_NAME)
                values[n++] = (struct value){FIELD_ROLE_SESSION_NAME, "me", 0};
            assert_int_equal(build(operation, values, &body, &report),
                             step == 0 || step == 3 ? -1 : 0);
        }
    secret_free(&body);
}

static void
refuses_characters(void **state)
{
    (void)state;
    refuse(OPERATION_GET_SESSION_TOKEN,
           VALUES({FIELD_SERIAL_NUMBER, SERIAL, 0},
                  {FIELD_TOKEN_CODE, "12345x", 0}),
           "TokenCode has a character");
    refuse(OPERATION_GET_SESSION_TOKEN,
           VALUES({FIELD_SERIAL_NUMBER, SERIAL "\n", 0},
                  {FIELD_TOKEN_CODE, "123456", 0}),
           "SerialNumber has a character");
    refuse(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE " x", 0},
                  {FIELD_ROLE_SESSION_NAME, "me", 0}),
           "RoleArn has a character");
    refuse(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE, 0},
                  {FIELD_ROLE_SESSION_NAME, "m\xC3\xA9", 0}),
           "RoleSessionName has a character");
    refuse(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE, 0},
                  {FIELD_ROLE_SESSION_NAME, "me", 0},
                  {FIELD_EXTERNAL_ID, "a&b", 0}),
           "ExternalId has a character");
    refuse(OPERATION_LIST_MFA_DEVICES, VALUES({FIELD_MARKER, "a\rb", 0}),
           "Marker has a character");
    refuse(OPERATION_CREATE_ACCESS_KEY, VALUES({FIELD_USER_NAME, "a/b", 0}),
           "UserName has a character");
    refuse(OPERATION_DELETE_ACCESS_KEY,
           VALUES({FIELD_TARGET_KEY_ID, KEY_ID "-", 0}),
           "AccessKeyId has a character");
}

static void
refuses_other_statuses(void **state)
{
    static const char *const bad[] = {"active", "Expired",   "Activ",
                                      "A",      "Inactive_", "InActive"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuse(OPERATION_UPDATE_ACCESS_KEY,
               VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0},
                      {FIELD_STATUS, bad[i], 0}),
               "Status is Active or Inactive");
    refuse(OPERATION_UPDATE_ACCESS_KEY,
           VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}, {FIELD_STATUS, "", 0}),
           "Status must be");
}

/* What a policy allows of an operation with these values; NULL: all. */
static void
permit(const struct policy *policy, enum operation number,
       const struct value *values, const char *sentence)
{
    struct message message = {0};
    struct report report = {""};

    message_begin(&message, MESSAGE_SIGN_REQUEST);
    for (; values->field != 0; values++)
        if (values->text != NULL)
            message_put_text(&message, values->field, values->text);
        else
            message_put_number(&message, values->field, values->number);
    assert_int_equal(
        operation_permitted(operation_find(number), &message, policy, &report),
        sentence == NULL ? 0 : -1);
    if (sentence != NULL && strstr(report.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, report.text);
    message_free(&message);
}

#define ENABLE_ALLOWED "allowed_operations = EnableMFADevice"

static void
obeys_the_policy(void **state)
{
    const struct value *with_code = VALUES({FIELD_TOKEN_CODE, "123456", 0});
    struct policy policy;
    struct report report;

    (void)state;
    assert_int_equal(policy_parse(&policy, "x", "", 0, &report), 0);
    for (int i = 1; i <= 11; i++) {
        bool makes_keys = i >= OPERATION_CREATE_ACCESS_KEY &&
                          i <= OPERATION_DELETE_ACCESS_KEY;

        /* These the administrator has to name. */
        if (i >= OPERATION_CREATE_MFA_DEVICE) {
            permit(&policy, (enum operation)i, NOTHING,
                   "(allowed_operations)");
            continue;
        }

        permit(&policy, (enum operation)i, with_code,
               makes_keys ? "of a session with MFA (require_mfa)" : NULL);
        permit(&policy, (enum operation)i, NOTHING,
               i == 2 || i == 3 || makes_keys ? "require_mfa" : NULL);
    }
    policy.require_mfa = false;
    permit(&policy, OPERATION_GET_SESSION_TOKEN, NOTHING, NULL);
    permit(&policy, OPERATION_ASSUME_ROLE, NOTHING, NULL);
    /* Without a duration it is AWS's own. */
    policy.max_session_duration = 43199;
    permit(&policy, OPERATION_GET_SESSION_TOKEN, NOTHING, "of 43200");
    policy.max_session_duration = 3600;
    permit(&policy, OPERATION_ASSUME_ROLE, NOTHING, NULL);
    permit(&policy, OPERATION_ASSUME_ROLE,
           VALUES({FIELD_DURATION_SECONDS, NULL, 3600}), NULL);
    permit(&policy, OPERATION_ASSUME_ROLE,
           VALUES({FIELD_DURATION_SECONDS, NULL, 3601}),
           "max_session_duration");
    policy.max_session_duration = 900;
    permit(&policy, OPERATION_ASSUME_ROLE, NOTHING, "of 3600");
    permit(&policy, OPERATION_LIST_ACCESS_KEYS, NOTHING, NULL);
    policy.allowed_operations &= ~(UINT64_C(1) << OPERATION_LIST_ACCESS_KEYS);
    permit(&policy, OPERATION_LIST_ACCESS_KEYS, NOTHING,
           "sign ListAccessKeys (allowed_operations)");
    permit(&policy, OPERATION_CREATE_ACCESS_KEY, NOTHING, NULL);
    /* Named, they need no code: nobody without a device has one. */
    assert_int_equal(policy_parse(&policy, "x", ENABLE_ALLOWED,
                                  strlen(ENABLE_ALLOWED), &report),
                     0);
    permit(&policy, OPERATION_ENABLE_MFA_DEVICE, NOTHING, NULL);
    permit(&policy, OPERATION_CREATE_MFA_DEVICE, NOTHING,
           "sign CreateVirtualMFADevice (allowed_operations)");
    permit(&policy, OPERATION_CREATE_ACCESS_KEY, NOTHING,
           "(allowed_operations)");
}

static void
never_repeats_a_code(void **state)
{
    struct secret body = {0};
    struct report report = {""};

    (void)state;
    assert_int_equal(build(OPERATION_GET_SESSION_TOKEN,
                           VALUES({FIELD_SERIAL_NUMBER, SERIAL, 0},
                                  {FIELD_TOKEN_CODE, "98765", 0}),
                           &body, &report),
                     -1);
    assert_null(strstr(report.text, "98765"));
    secret_free(&body);
}

static void
serial_and_code_go_together(void **state)
{
    (void)state;
    refuse(OPERATION_GET_SESSION_TOKEN,
           VALUES({FIELD_SERIAL_NUMBER, SERIAL, 0}), "go together");
    refuse(OPERATION_GET_SESSION_TOKEN,
           VALUES({FIELD_TOKEN_CODE, "123456", 0}), "go together");
    refuse(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE, 0},
                  {FIELD_ROLE_SESSION_NAME, "me", 0},
                  {FIELD_TOKEN_CODE, "123456", 0}),
           "go together");
}

static void
required_parameters_are_required(void **state)
{
    (void)state;
    refuse(OPERATION_ASSUME_ROLE, VALUES({FIELD_ROLE_SESSION_NAME, "me", 0}),
           "AssumeRole needs RoleArn");
    refuse(OPERATION_ASSUME_ROLE, VALUES({FIELD_ROLE_ARN, ROLE, 0}),
           "AssumeRole needs RoleSessionName");
    refuse(OPERATION_DELETE_ACCESS_KEY, NOTHING,
           "DeleteAccessKey needs AccessKeyId");
    refuse(OPERATION_CREATE_MFA_DEVICE, NOTHING,
           "CreateVirtualMFADevice needs VirtualMFADeviceName");
    refuse(OPERATION_CREATE_MFA_DEVICE, VALUES({FIELD_DEVICE_NAME, "a/b", 0}),
           "VirtualMFADeviceName has a character that AWS does not take");
    refuse(OPERATION_ENABLE_MFA_DEVICE,
           VALUES({FIELD_FIRST_CODE, "000001", 0}, {FIELD_USER_NAME, "j", 0},
                  {FIELD_SERIAL_NUMBER, SERIAL, 0}),
           "EnableMFADevice needs AuthenticationCode2");
    refuse(OPERATION_ENABLE_MFA_DEVICE,
           VALUES({FIELD_FIRST_CODE, "00000a", 0}, {FIELD_USER_NAME, "j", 0},
                  {FIELD_SECOND_CODE, "000002", 0},
                  {FIELD_SERIAL_NUMBER, SERIAL, 0}),
           "AuthenticationCode1 has a character that AWS does not take");
    refuse(OPERATION_DELETE_MFA_DEVICE, NOTHING,
           "DeleteVirtualMFADevice needs SerialNumber");
    refuse(OPERATION_UPDATE_ACCESS_KEY, VALUES({FIELD_STATUS, "Active", 0}),
           "UpdateAccessKey needs AccessKeyId");
    refuse(OPERATION_UPDATE_ACCESS_KEY,
           VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}),
           "UpdateAccessKey needs Status");
}

/*
 * Every field of SIGN_REQUEST says what or how to sign (request.c reads it),
 * or is a parameter that an operation without it refuses: a field that is
 * new in protocol.h cannot be ignored in silence.
 */
static void
no_field_is_ignored(void **state)
{
    const uint64_t target = MESSAGE_BIT(FIELD_OPERATION) |
                            MESSAGE_BIT(FIELD_HOST) | MESSAGE_BIT(FIELD_PATH) |
                            MESSAGE_BIT(FIELD_REGION) |
                            MESSAGE_BIT(FIELD_CLOCK_OFFSET) |
                            MESSAGE_BIT(FIELD_PROFILE) |
                            MESSAGE_BIT(FIELD_ACCESS_KEY_ID) |
                            MESSAGE_BIT(FIELD_SECRET_ACCESS_KEY) |
                            MESSAGE_BIT(FIELD_SESSION_TOKEN);
    int parameters = 0;

    (void)state;
    for (unsigned field = 1; field < FIELD_COUNT; field++) {
        if (protocol_use(MESSAGE_SIGN_REQUEST, field) == 0 ||
            (target & MESSAGE_BIT(field)) != 0)
            continue;
        parameters++;
        refuse(OPERATION_GET_CALLER_IDENTITY,
               VALUES({(enum message_field)field, NULL, 900}),
               "GetCallerIdentity takes no ");
    }
    assert_int_equal(parameters, 13);
    refuse(OPERATION_GET_SESSION_TOKEN, VALUES({FIELD_ROLE_ARN, ROLE, 0}),
           "GetSessionToken takes no RoleArn");
    refuse(OPERATION_LIST_MFA_DEVICES, VALUES({FIELD_TOKEN_CODE, "123456", 0}),
           "ListMFADevices takes no TokenCode");
    refuse(OPERATION_ASSUME_ROLE,
           VALUES({FIELD_ROLE_ARN, ROLE, 0},
                  {FIELD_ROLE_SESSION_NAME, "me", 0}, {FIELD_MARKER, "m", 0}),
           "AssumeRole takes no Marker");
    refuse(OPERATION_CREATE_ACCESS_KEY,
           VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}),
           "CreateAccessKey takes no AccessKeyId");
    refuse(
        OPERATION_DELETE_ACCESS_KEY,
        VALUES({FIELD_TARGET_KEY_ID, KEY_ID, 0}, {FIELD_STATUS, "Active", 0}),
        "DeleteAccessKey takes no Status");
}

static void
encodes_every_byte(void **state)
{
    struct secret text = {0};
    char all[256], *at;

    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    assert_int_equal(append_encoded(&text, all, 256, UNRESERVED), 0);
    assert_int_equal(text.length, 66 + 3 * (256 - 66));
    assert_true(strncmp(text.data, "%00%01", 6) == 0);
    assert_non_null(strstr(text.data, "%2C-.%2F0123"));
    assert_non_null(strstr(text.data, "%20%21"));
    at = text.data + text.length - 6;
    assert_string_equal(at, "%FE%FF");
    secret_clear(&text);
    assert_int_equal(append_encoded(&text, " +", 2, UNRESERVED " "), 0);
    assert_string_equal(text.data, "+%2B");
    secret_free(&text);
}

static void
sets_hold_no_nul(void **state)
{
    (void)state;
    assert_true(characters_only("", 0, WORD));
    assert_true(characters_only("aZ9_", 4, WORD));
    assert_false(characters_only("a\0b", 3, GRAPHIC));
    assert_false(characters_only(" ", 1, GRAPHIC));
    assert_false(characters_only("\x7F", 1, GRAPHIC));
    for (char c = '!'; c <= '~'; c++)
        assert_true(characters_only(&c, 1, GRAPHIC));
    assert_int_equal(strlen(GRAPHIC), '~' - '!' + 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_other_operations_exist),
        cmocka_unit_test(builds_bodies),
        cmocka_unit_test(bounds_durations),
        cmocka_unit_test(bounds_lengths),
        cmocka_unit_test(refuses_characters),
        cmocka_unit_test(refuses_other_statuses),
        cmocka_unit_test(obeys_the_policy),
        cmocka_unit_test(never_repeats_a_code),
        cmocka_unit_test(serial_and_code_go_together),
        cmocka_unit_test(required_parameters_are_required),
        cmocka_unit_test(no_field_is_ignored),
        cmocka_unit_test(encodes_every_byte),
        cmocka_unit_test(sets_hold_no_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
