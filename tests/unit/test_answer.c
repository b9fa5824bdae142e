/*
 * The XML of STS and IAM (src/sts/answer.c, document.c): what is
 * taken from it in any order and dress, and what is refused.
 */
#include "sts/answer.h"
#include "timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct answer answer;
static struct report report;

static int
forget(void **state)
{
    (void)state;
    answer_free(&answer);
    return 0;
}

static enum answer_kind
parse(enum operation operation, const char *xml)
{
    memset(&report, 0, sizeof(report));
    return answer_parse(&answer, operation, xml, strlen(xml), &report);
}

/* As printf into memory that stays valid until the next call but three. */
static const char *format(const char *pattern, ...)
    __attribute__((format(printf, 1, 2)));

static const char *
format(const char *pattern, ...)
{
    static char buffers[4][400000];
    static unsigned next;
    char *buffer = buffers[next++ % 4];
    va_list args;

    va_start(args, pattern);
    assert_in_range(vsnprintf(buffer, sizeof(buffers[0]), pattern, args), 0,
                    sizeof(buffers[0]) - 1);
    va_end(args);
    return buffer;
}

static void
assert_text(enum message_field field, const char *expected)
{
    char *text = message_text_copy(&answer.result, field);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

/* The answer is refused with a sentence that has these words. */
static void
assert_bad(enum operation operation, const char *xml, const char *words)
{
    assert_int_equal(parse(operation, xml), ANSWER_BAD);
    if (strstr(report.text, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, report.text);
    assert_null(strchr(report.text, '\n'));
}

#define KEY_ID "<AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>"
#define SECRET "<SecretAccessKey>wJalr/K7+MDENG</SecretAccessKey>"
#define TOKEN "<SessionToken>IQoJb3Jp//==</SessionToken>"
#define EXPIRES "<Expiration>2026-11-23T08:50:21Z</Expiration>"
#define CREDENTIALS KEY_ID SECRET TOKEN EXPIRES

static const char *
session(const char *credentials)
{
    return format("<GetSessionTokenResponse><GetSessionTokenResult>"
                  "<Credentials>%s</Credentials></GetSessionTokenResult>"
                  "</GetSessionTokenResponse>",
                  credentials);
}

static void
assert_session(void)
{
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_SESSION);
    assert_text(FIELD_ACCESS_KEY_ID, "ASIAIOSFODNN7EXAMPLE");
    assert_text(FIELD_SECRET_ACCESS_KEY, "wJalr/K7+MDENG");
    assert_text(FIELD_SESSION_TOKEN, "IQoJb3Jp//==");
    assert_int_equal(message_number(&answer.result, FIELD_EXPIRATION, 0),
                     1795423821);
}

static void
session_in_every_order(void **state)
{
    static const char *const parts[] = {KEY_ID, SECRET, TOKEN, EXPIRES};

    (void)state;
    for (int n = 0; n < 256; n++) {
        int i = n & 3, j = n >> 2 & 3, k = n >> 4 & 3, l = n >> 6;

        if (i == j || i == k || i == l || j == k || j == l || k == l)
            continue;
        assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                               session(format("%s%s%s%s", parts[i], parts[j],
                                              parts[k], parts[l]))),
                         ANSWER_RESULT);
        assert_session();
    }
}

static void
session_in_any_dress(void **state)
{
    (void)state;
    assert_int_equal(
        parse(OPERATION_GET_SESSION_TOKEN,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a comment -->"
              "<s:GetSessionTokenResponse xmlns:s=\"https://sts.amazonaws.com"
              "/doc/2011-06-15/\" xmlns=\"urn:x\" a='&lt;&#65;'>"
              "<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>"
              "<Unknown><AccessKeyId>no</AccessKeyId><a/></Unknown>"
              "<s:GetSessionTokenResult b='1'><Extra>1</Extra>"
              "<x:Credentials xmlns:x='urn:y'><AccessKeyIdentity/>\n"
              "\t<AccessKeyId>\r\n ASIA<!-- in the middle -->IOSFODNN7EXAMPLE"
              " </AccessKeyId><?pi data?>"
              "<x:SecretAccessKey><![CDATA[ wJalr/K7+]]>MDENG\t"
              "</x:SecretAccessKey>"
              "<SessionToken>\n    IQoJ&#98;3Jp//==\n  </SessionToken>"
              "<Expiration c=''> 2026-11-23T08:50:21.123456Z </Expiration>"
              "</x:Credentials></s:GetSessionTokenResult>"
              "</s:GetSessionTokenResponse>\n\n"),
        ANSWER_RESULT);
    assert_session();
}

static void
session_in_utf16(void **state)
{
    const char *xml = session(CREDENTIALS);
    size_t length = strlen(xml);
    char *wide = calloc(length + 1, 2);

    (void)state;
    assert_non_null(wide);
    memcpy(wide, "\xFF\xFE", 2);
    for (size_t i = 0; i < length; i++)
        wide[2 + 2 * i] = xml[i];
    assert_int_equal(answer_parse(&answer, OPERATION_GET_SESSION_TOKEN, wide,
                                  2 + 2 * length, &report),
                     ANSWER_RESULT);
    assert_session();
    free(wide);
}

#define ROLE(user)                                                            \
    "<AssumeRoleResponse><AssumeRoleResult>" user "<Credentials>" CREDENTIALS \
    "</Credentials><PackedPolicySize>6</PackedPolicySize>"                    \
    "</AssumeRoleResult></AssumeRoleResponse>"

static void
session_of_a_role(void **state)
{
    (void)state;
    assert_int_equal(parse(OPERATION_ASSUME_ROLE,
                           ROLE("<AssumedRoleUser><AssumedRoleId>AROA:x"
                                "</AssumedRoleId><Arn>arn:aws:sts::1:r</Arn>"
                                "</AssumedRoleUser>")),
                     ANSWER_RESULT);
    assert_session();
    assert_text(FIELD_ARN, "arn:aws:sts::1:r");
    assert_int_equal(parse(OPERATION_ASSUME_ROLE, ROLE("")), ANSWER_RESULT);
    assert_session();
    assert_int_equal(message_text(&answer.result, FIELD_ARN, NULL, 0), -1);
    assert_bad(OPERATION_GET_SESSION_TOKEN, ROLE(""), "is missing");
}

static void
session_with_a_part_missing(void **state)
{
    static const char *const names[] = {"AccessKeyId", "SecretAccessKey",
                                        "SessionToken", "Expiration"};
    static const char *const parts[] = {KEY_ID, SECRET, TOKEN, EXPIRES};

    (void)state;
    for (int gone = 0; gone < 4; gone++) {
        const char *rest[4];

        for (int i = 0; i < 4; i++)
            rest[i] = i == gone ? "" : parts[i];
        assert_bad(
            OPERATION_GET_SESSION_TOKEN,
            session(format("%s%s%s%s", rest[0], rest[1], rest[2], rest[3])),
            format("the element %s is missing", names[gone]));
        rest[gone] = format("<%s> \n</%s>", names[gone], names[gone]);
        assert_bad(
            OPERATION_GET_SESSION_TOKEN,
            session(format("%s%s%s%s", rest[0], rest[1], rest[2], rest[3])),
            format("the element %s is empty", names[gone]));
    }
    assert_bad(OPERATION_GET_SESSION_TOKEN, session(""), "is missing");
    assert_bad(OPERATION_GET_SESSION_TOKEN, "<html><body/></html>",
               "is missing");
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               "<GetSessionTokenResponse><Credentials>" CREDENTIALS
               "</Credentials></GetSessionTokenResponse>",
               "is missing");
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               "<x><GetSessionTokenResponse><GetSessionTokenResult>"
               "<Credentials>" CREDENTIALS "</Credentials>"
               "</GetSessionTokenResult></GetSessionTokenResponse></x>",
               "is missing");
}

static void
session_with_a_part_twice(void **state)
{
    (void)state;
    assert_bad(OPERATION_GET_SESSION_TOKEN, session(CREDENTIALS TOKEN),
               "the element SessionToken is there twice");
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               session(CREDENTIALS "</Credentials><Credentials>" CREDENTIALS),
               "twice");
}

static void
session_with_a_malformed_part(void **state)
{
    static const char *const bad[][2] = {
        {"AccessKeyId", "ASIA"},
        {"AccessKeyId", "ASIAIOSFODNN7EXAMPL-"},
        {"AccessKeyId", "ASIAIOSFODNN7EXAMPL\xC3\xA9"},
        {"AccessKeyId", "ASIAIOSF ODNN7EXAMPLE"},
        {"SecretAccessKey", "a\nb"},
        {"SecretAccessKey", "a b"},
        {"SessionToken", "a&#9;b"},
        {"SessionToken", "a&#13;&#10;X-Header: b"},
        {"SessionToken", "a\x7F"},
        {"SessionToken", "\xC2\x85x"},
        {"SessionToken", "caf\xC3\xA9"},
        {"Expiration", "tomorrow"},
        {"Expiration", "2026-11-23"},
        {"Expiration", "1795423821"},
        {"Expiration", "2026-11-23T08:50:21+01:00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *name = bad[i][0];
        const char *others = strcmp(name, "AccessKeyId") == 0
                                 ? SECRET TOKEN EXPIRES
                             : strcmp(name, "SecretAccessKey") == 0
                                 ? KEY_ID TOKEN EXPIRES
                             : strcmp(name, "SessionToken") == 0
                                 ? KEY_ID SECRET EXPIRES
                                 : KEY_ID SECRET TOKEN;

        assert_bad(
            OPERATION_GET_SESSION_TOKEN,
            session(format("%s<%s>%s</%s>", others, name, bad[i][1], name)),
            format("the element %s is malformed", name));
    }
}

static char *
repeat(char c, size_t count)
{
    char *text = malloc(count + 1);

    assert_non_null(text);
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void
long_values(void **state)
{
    char *most = repeat('t', 65536), *more = repeat('t', 65537);
    char *key_id = repeat('A', 129), *blanks = repeat(' ', 511);
    char *many = repeat('\n', 200000);

    (void)state;
    assert_int_equal(
        parse(OPERATION_GET_SESSION_TOKEN,
              session(format(KEY_ID SECRET EXPIRES "<SessionToken>%s%s%s"
                                                   "</SessionToken>",
                             many, most, blanks))),
        ANSWER_RESULT);
    assert_text(FIELD_SESSION_TOKEN, most);
    assert_bad(
        OPERATION_GET_SESSION_TOKEN,
        session(format(KEY_ID SECRET EXPIRES "<SessionToken>%s</SessionToken>",
                       more)),
        "the element SessionToken is too long");
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               session(format(KEY_ID SECRET EXPIRES
                              "<SessionToken>x%s</SessionToken>",
                              many)),
               "the element SessionToken is too long");
    assert_bad(
        OPERATION_GET_SESSION_TOKEN,
        session(format(TOKEN SECRET EXPIRES "<AccessKeyId>%s</AccessKeyId>",
                       key_id)),
        "the element AccessKeyId is too long");
    free(most);
    free(more);
    free(key_id);
    free(blanks);
    free(many);
}

#define IDENTITY                                                              \
    "<GetCallerIdentityResponse><GetCallerIdentityResult>%s%s%s"              \
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ARN "<Arn>arn:aws:iam::123456789012:user/J\xC3\xBCrg</Arn>"
#define USER_ID "<UserId>AIDA:x</UserId>"
#define ACCOUNT "<Account>123456789012</Account>"

static void
identity(void **state)
{
    (void)state;
    assert_int_equal(parse(OPERATION_GET_CALLER_IDENTITY,
                           format(IDENTITY, ARN, USER_ID, ACCOUNT)),
                     ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_IDENTITY);
    assert_text(FIELD_ARN, "arn:aws:iam::123456789012:user/J\xC3\xBCrg");
    assert_text(FIELD_USER_ID, "AIDA:x");
    assert_text(FIELD_ACCOUNT, "123456789012");
    assert_int_equal(parse(OPERATION_GET_CALLER_IDENTITY,
                           format(IDENTITY, ACCOUNT, ARN, USER_ID)),
                     ANSWER_RESULT);
    assert_bad(OPERATION_GET_CALLER_IDENTITY,
               format(IDENTITY, ARN, USER_ID, ""),
               "the element Account is missing");
    assert_bad(OPERATION_GET_CALLER_IDENTITY,
               format(IDENTITY, USER_ID, ACCOUNT, "<Arn>a\nb</Arn>"),
               "the element Arn is malformed");
    assert_bad(OPERATION_GET_CALLER_IDENTITY,
               format(IDENTITY, USER_ID, ACCOUNT, "<Arn>a\xC2\x9B[2J</Arn>"),
               "the element Arn is malformed");
}

#define MEMBER(name)                                                          \
    "<member><UserName>u</UserName><SerialNumber>" name                       \
    "</SerialNumber></member>"

static const char *
devices(const char *members, const char *rest)
{
    return format("<ListMFADevicesResponse><ListMFADevicesResult>%s%s"
                  "</ListMFADevicesResult></ListMFADevicesResponse>",
                  members, rest);
}

static void
mfa_devices(void **state)
{
    const char *two = "<MFADevices>" MEMBER("one")
        MEMBER(" two\n") "</MFADevices>";
    const enum operation list = OPERATION_LIST_MFA_DEVICES;
    size_t cursor = 0, length;

    (void)state;
    assert_int_equal(
        parse(list, devices(two, "<IsTruncated>false</IsTruncated>")),
        ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_MFA_DEVICES);
    assert_memory_equal(
        message_next(&answer.result, FIELD_DEVICE, &cursor, &length), "one",
        3);
    assert_memory_equal(
        message_next(&answer.result, FIELD_DEVICE, &cursor, &length), "two",
        3);
    assert_int_equal(length, 3);
    assert_null(message_next(&answer.result, FIELD_DEVICE, &cursor, &length));
    assert_int_equal(message_text(&answer.result, FIELD_MARKER, NULL, 0), -1);
    /* Nobody has to have one, and IsTruncated may be left out. */
    assert_int_equal(parse(list, devices("<MFADevices/>", "")), ANSWER_RESULT);
    assert_bad(list, devices("", ""), "the element MFADevices is missing");
    assert_bad(list, "<html/>", "the element MFADevices is missing");
    assert_bad(list, devices("<MFADevices>" MEMBER("") "</MFADevices>", ""),
               "the element SerialNumber is empty");
}

static void
mfa_devices_page_by_page(void **state)
{
    const enum operation list = OPERATION_LIST_MFA_DEVICES;
    static const char *const more[] = {
        "<MFADevices/><IsTruncated> true </IsTruncated><Marker>a/+=</Marker>",
        "<Marker>a/+=</Marker><IsTruncated>true</IsTruncated><MFADevices/>",
    };

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(parse(list, devices(more[i], "")), ANSWER_RESULT);
        assert_text(FIELD_MARKER, "a/+=");
    }
    assert_int_equal(parse(list, devices("<MFADevices/><Marker>x</Marker>",
                                         "<IsTruncated>false</IsTruncated>")),
                     ANSWER_RESULT);
    assert_int_equal(message_text(&answer.result, FIELD_MARKER, NULL, 0), -1);
    assert_bad(list,
               devices("<MFADevices/>", "<IsTruncated>true</IsTruncated>"),
               "the element Marker is missing");
    assert_bad(
        list,
        devices("<MFADevices/><Marker/>", "<IsTruncated>true</IsTruncated>"),
        "the element Marker is missing");
    assert_bad(list,
               devices("<MFADevices/>", "<IsTruncated>True</IsTruncated>"),
               "the element IsTruncated is malformed");
}

static void
too_many_mfa_devices(void **state)
{
    char *members = calloc(501, sizeof(MEMBER("device")));

    (void)state;
    assert_non_null(members);
    for (int i = 0; i < 500; i++)
        strcat(members + (size_t)i * (sizeof(MEMBER("device")) - 1),
               MEMBER("device"));
    assert_int_equal(
        parse(OPERATION_LIST_MFA_DEVICES,
              devices(format("<MFADevices>%s</MFADevices>", members), "")),
        ANSWER_RESULT);
    strcat(members, MEMBER("device"));
    assert_bad(OPERATION_LIST_MFA_DEVICES,
               devices(format("<MFADevices>%s</MFADevices>", members), ""),
               "the element SerialNumber is malformed");
    free(members);
}

#define NEW_KEY(inside)                                                       \
    "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>" inside      \
    "</AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>"

static void
new_access_key(void **state)
{
    const enum operation create = OPERATION_CREATE_ACCESS_KEY;

    (void)state;
    assert_int_equal(
        parse(create, NEW_KEY(SECRET "<Status>Active</Status>" KEY_ID
                                     "<UserName>alice</UserName>")),
        ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_ACCESS_KEY);
    assert_text(FIELD_ACCESS_KEY_ID, "ASIAIOSFODNN7EXAMPLE");
    assert_text(FIELD_SECRET_ACCESS_KEY, "wJalr/K7+MDENG");
    assert_text(FIELD_USER_NAME, "alice");
    assert_int_equal(parse(create, NEW_KEY(SECRET KEY_ID)), ANSWER_RESULT);
    assert_bad(create, NEW_KEY(SECRET), "the element AccessKeyId is missing");
    assert_bad(create, NEW_KEY(KEY_ID),
               "the element SecretAccessKey is missing");
    assert_bad(create, NEW_KEY(KEY_ID "<SecretAccessKey/>"),
               "the element SecretAccessKey is empty");
    assert_bad(create, NEW_KEY(KEY_ID SECRET SECRET), "twice");
    assert_bad(create, session(CREDENTIALS), "is missing");
}

#define LISTED(id, status, created)                                           \
    "<member><UserName>u</UserName><AccessKeyId>" id "</AccessKeyId>"         \
    "<Status>" status "</Status><CreateDate>" created                         \
    "</CreateDate></member>"
#define ONE LISTED("AKIAIOSFODNN7EXAMPLE", "Active", "2026-01-02T03:04:05Z")
#define TWO                                                                   \
    LISTED("AKIAI44QH8DHBEXAMPLE", "Inactive", "2026-01-02T03:04:05.678Z")

static const char *
keys(const char *members, const char *rest)
{
    return format("<ListAccessKeysResponse><ListAccessKeysResult>"
                  "<AccessKeyMetadata>%s</AccessKeyMetadata>%s"
                  "</ListAccessKeysResult></ListAccessKeysResponse>",
                  members, rest);
}

static void
access_keys(void **state)
{
    static const char *const expected[] = {
        "AKIAIOSFODNN7EXAMPLE Active 2026-01-02T03:04:05Z",
        "AKIAI44QH8DHBEXAMPLE Inactive 2026-01-02T03:04:05Z",
    };
    const enum operation list = OPERATION_LIST_ACCESS_KEYS;
    size_t cursor = 0, length;

    (void)state;
    assert_int_equal(
        parse(list, keys(ONE TWO, "<IsTruncated>false</IsTruncated>")),
        ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_ACCESS_KEYS);
    for (int i = 0; i < 2; i++) {
        const char *text = message_next(&answer.result, FIELD_KEY, &cursor,
                                        &length);

        assert_non_null(text);
        assert_int_equal(length, strlen(expected[i]));
        assert_memory_equal(text, expected[i], length);
    }
    assert_null(message_next(&answer.result, FIELD_KEY, &cursor, &length));
    assert_int_equal(parse(list, keys("", "")), ANSWER_RESULT);
    assert_int_equal(parse(list, keys(ONE, "<Marker>a/+=</Marker>"
                                           "<IsTruncated>true</IsTruncated>")),
                     ANSWER_RESULT);
    assert_text(FIELD_MARKER, "a/+=");
    assert_bad(list, keys(ONE, "<IsTruncated>true</IsTruncated>"),
               "the element Marker is missing");
}

static void
access_keys_that_are_none(void **state)
{
    const enum operation list = OPERATION_LIST_ACCESS_KEYS;
    static const char *const bad[][2] = {
        {LISTED("", "Active", "2026-01-02T03:04:05Z"), "AccessKeyId is empty"},
        {LISTED("AKIA", "Active", "2026-01-02T03:04:05Z"),
         "AccessKeyId is malformed"},
        {LISTED("AKIAIOSFODNN7EXAMPLE", "no way", "2026-01-02T03:04:05Z"),
         "Status is malformed"},
        {LISTED("AKIAIOSFODNN7EXAMPLE", "Active", "today"),
         "CreateDate is malformed"},
        {"<member/>" ONE, "AccessKeyId is missing"},
        {ONE "<member/>", "AccessKeyId is missing"},
        {"<member><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId></member>",
         "Status is missing"},
        {"<member><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>"
         "<AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId></member>",
         "AccessKeyId is malformed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_bad(list, keys(bad[i][0], ""), bad[i][1]);
    assert_bad(list, "<html/>", "the element AccessKeyMetadata is missing");
}

static void
too_many_access_keys(void **state)
{
    char *members = calloc(501, sizeof(ONE));

    (void)state;
    assert_non_null(members);
    for (int i = 0; i < 500; i++)
        strcat(members + (size_t)i * (sizeof(ONE) - 1), ONE);
    assert_int_equal(parse(OPERATION_LIST_ACCESS_KEYS, keys(members, "")),
                     ANSWER_RESULT);
    strcat(members, ONE);
    assert_bad(OPERATION_LIST_ACCESS_KEYS, keys(members, ""),
               "the element AccessKeyId is malformed");
    free(members);
}

#define NEW_DEVICE(inside)                                                    \
    "<CreateVirtualMFADeviceResponse><CreateVirtualMFADeviceResult>"          \
    "<VirtualMFADevice>" inside "</VirtualMFADevice>"                         \
    "</CreateVirtualMFADeviceResult></CreateVirtualMFADeviceResponse>"
#define SERIAL "<SerialNumber>arn:aws:iam::123456789012:mfa/j</SerialNumber>"

static void
new_device(void **state)
{
    (void)state;
    assert_int_equal(parse(OPERATION_CREATE_MFA_DEVICE,
                           NEW_DEVICE("<QRCodePNG>aGk=</QRCodePNG>" SERIAL
                                      "<Base32StringSeed>\n TUZSRw==\n"
                                      "</Base32StringSeed>")),
                     ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_MFA_DEVICE);
    assert_text(FIELD_SERIAL_NUMBER, "arn:aws:iam::123456789012:mfa/j");
    assert_text(FIELD_SEED, "TUZSRw==");
    assert_bad(OPERATION_CREATE_MFA_DEVICE, NEW_DEVICE(SERIAL),
               "the element Base32StringSeed is missing");
    assert_bad(OPERATION_CREATE_MFA_DEVICE,
               NEW_DEVICE(SERIAL "<Base32StringSeed>T U</Base32StringSeed>"),
               "the element Base32StringSeed is malformed");
}

/* These say nothing; but what came must be their answer. */
static void
done_and_no_more(void **state)
{
    static const char rest[] = "<ResponseMetadata><RequestId>x</RequestId>"
                               "</ResponseMetadata>";

    (void)state;
    assert_int_equal(parse(OPERATION_UPDATE_ACCESS_KEY,
                           format("<UpdateAccessKeyResponse xmlns='urn:a'>%s"
                                  "</UpdateAccessKeyResponse>",
                                  rest)),
                     ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_DONE);
    assert_int_equal(
        parse(OPERATION_DELETE_ACCESS_KEY,
              format("<DeleteAccessKeyResponse>%s</DeleteAccessKeyResponse>",
                     rest)),
        ANSWER_RESULT);
    assert_int_equal(
        parse(OPERATION_ENABLE_MFA_DEVICE, format("<EnableMFADeviceResponse>%s"
                                                  "</EnableMFADeviceResponse>",
                                                  rest)),
        ANSWER_RESULT);
    assert_int_equal(message_type(&answer.result), MESSAGE_STS_DONE);
    assert_bad(OPERATION_DELETE_MFA_DEVICE, "<EnableMFADeviceResponse/>",
               "the element DeleteVirtualMFADeviceResponse is missing");
    assert_bad(OPERATION_DELETE_ACCESS_KEY, "<UpdateAccessKeyResponse/>",
               "the element DeleteAccessKeyResponse is missing");
    assert_bad(OPERATION_DELETE_ACCESS_KEY,
               "<a><DeleteAccessKeyResponse/></a>",
               "the element DeleteAccessKeyResponse is missing");
    assert_bad(OPERATION_UPDATE_ACCESS_KEY, "<html><body>Hello</body></html>",
               "the element UpdateAccessKeyResponse is missing");
}

#define ERROR(inside)                                                         \
    "<ErrorResponse xmlns='urn:a'><Error><Type>Sender</Type>" inside          \
    "</Error><RequestId>r-1</RequestId></ErrorResponse>"

static void
error_of_aws(void **state)
{
    (void)state;
    for (int i = OPERATION_GET_CALLER_IDENTITY;
         i <= OPERATION_DELETE_MFA_DEVICE; i++) {
        assert_int_equal(parse((enum operation)i,
                               ERROR("<Message>one\n time  code. </Message>"
                                     "<Code> AccessDenied\n</Code>")),
                         ANSWER_ERROR);
        assert_string_equal(answer.code, "AccessDenied");
        assert_string_equal(answer.text, "one  time  code.");
        assert_string_equal(answer.request_id, "r-1");
    }
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                           ERROR("<Code>MalformedInput</Code>")),
                     ANSWER_ERROR);
    assert_string_equal(answer.text, "");
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                           ERROR("<Code>X</Code><Message>a&#x1b;b\x7F"
                                 "c\xC2\x9B&#x9b;d\xC3\xA9</Message>")),
                     ANSWER_BAD); /* an escape is no character of XML 1.0 */
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                           ERROR("<Code>X</Code><Message>\x7F"
                                 "c\xC2\x9B&#x9b;d\xC3\xA9</Message>")),
                     ANSWER_ERROR);
    assert_string_equal(answer.text, "?c????d\xC3\xA9");
}

static void
error_without_a_code(void **state)
{
    (void)state;
    assert_bad(OPERATION_GET_SESSION_TOKEN, ERROR("<Message>m</Message>"),
               "is missing");
    assert_bad(OPERATION_GET_SESSION_TOKEN, ERROR("<Code> </Code>"),
               "is missing");
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               ERROR("<Code>A</Code><Code>B"
                     "</Code>"),
               "the element Code is there twice");
}

static void
error_with_long_texts(void **state)
{
    char *letters = repeat('m', 2046), *more = repeat('x', 100000);

    (void)state;
    assert_int_equal(
        parse(OPERATION_GET_SESSION_TOKEN,
              format(ERROR("<Code>%s</Code><Message>%s\xE2\x82\xAC%s"
                           "</Message>"),
                     more, letters, more)),
        ANSWER_ERROR);
    assert_int_equal(strlen(answer.code), 128);
    /* Cut before the euro sign, of which only two bytes would fit. */
    assert_string_equal(answer.text, letters);
    free(letters);
    free(more);
}

/* Nothing of an answer cut anywhere is taken for a whole one. */
static void
truncated_anywhere(void **state)
{
    static char whole[2000];
    size_t length;

    (void)state;
    strcpy(whole, session(CREDENTIALS));
    length = strlen(whole);
    for (size_t i = 0; i < length; i++) {
        char *part = malloc(i + 1); /* so that a sanitizer sees the end */

        assert_non_null(part);
        memcpy(part, whole, i);
        assert_int_equal(answer_parse(&answer, OPERATION_GET_SESSION_TOKEN,
                                      part, i, &report),
                         ANSWER_BAD);
        assert_non_null(strstr(report.text, "it is not XML ("));
        free(part);
    }
}

static void
no_xml(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "hello",
        "{\"Error\":{}}",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<html><p>no</html>",
        "<a b=c/>",
        "<a>&undefined;</a>",
        "<a>\xFF\xFE</a>",
        "<a>\x01</a>",
        "\x1F\x8B\x08",
        "<a>]]></a>",
        "<?xml version='1.0' encoding='klingon'?><a/>",
        "<a xmlns:b='u'><b:c></c></a>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_bad(OPERATION_GET_CALLER_IDENTITY, bad[i], "it is not XML (");
}

static void
no_document_types(void **state)
{
    static const char *const bad[] = {
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a PUBLIC 'x' 'http://x.invalid/x.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM '/etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY % x 'y'> %x;]><a/>",
        "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>",
        "<!DOCTYPE z [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]><z>&c;</z>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_bad(OPERATION_GET_CALLER_IDENTITY, bad[i],
                   "document type declaration");
}

static void
depth(void **state)
{
    static char deep[32 * 3 + 1];

    (void)state;
    for (int i = 0; i < 32; i++)
        strcat(deep, "<a>");
    assert_bad(OPERATION_GET_CALLER_IDENTITY, deep, "it is not XML (");
    assert_bad(OPERATION_GET_CALLER_IDENTITY, format("%s<a>", deep),
               "nested too deeply");
}

/* Long names are cut inside; they match nothing, and harm nothing. */
static void
long_names(void **state)
{
    char *name = repeat('n', 100000), *half = repeat('h', 300);

    (void)state;
    assert_int_equal(
        parse(OPERATION_GET_SESSION_TOKEN,
              format("<GetSessionTokenResponse><%s><a><b>x</b></a></%s>"
                     "<GetSessionTokenResult><%s><%s>y</%s></%s>"
                     "<Credentials>" CREDENTIALS "</Credentials>"
                     "</GetSessionTokenResult></GetSessionTokenResponse>",
                     name, name, half, half, half, half)),
        ANSWER_RESULT);
    assert_session();
    free(name);
    free(half);
}

/* What is inside an element that we read is no part of its text. */
static void
elements_inside_a_value(void **state)
{
    (void)state;
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                           session("<AccessKeyId>ASIA<b>no</b>IOSFODNN7EXAMPLE"
                                   "</AccessKeyId>" SECRET TOKEN EXPIRES)),
                     ANSWER_RESULT);
    assert_session();
    assert_bad(OPERATION_GET_SESSION_TOKEN,
               session("<AccessKeyId>" KEY_ID SECRET "</AccessKeyId>"),
               "the element AccessKeyId is empty");
}

static void
one_after_the_other(void **state)
{
    (void)state;
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN,
                           ERROR("<Code>A</Code><Message>m</Message>")),
                     ANSWER_ERROR);
    assert_int_equal(parse(OPERATION_GET_SESSION_TOKEN, session(CREDENTIALS)),
                     ANSWER_RESULT);
    assert_string_equal(answer.code, "");
    assert_string_equal(answer.request_id, "");
    answer_free(&answer);
    answer_free(&answer);
}

static void
dates(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T07:50:21Z", 1795420221},
        {"2026-11-23T07:50:21.0Z", 1795420221},
        {"2026-11-23T07:50:21.999999999999Z", 1795420221},
        {"2000-02-29T23:59:59Z", 951868799},
        {"2024-02-29T00:00:00Z", 1709164800},
        {"2038-01-19T03:14:08Z", 2147483648},
        {"2100-03-01T00:00:00Z", 4107542400},
        {"9999-12-31T23:59:59Z", 253402300799},
    };
    static const char *const bad[] = {
        "",
        "Z",
        "2026-11-23T07:50:21",
        "2026-11-23T07:50:21z",
        "2026-11-23 07:50:21Z",
        "2026-11-23T07:50:21.Z",
        "2026-11-23T07:50:21,5Z",
        "2026-11-23T07:50Z",
        "2026-11-23T07:50:21+00:00",
        "2026-11-23T07:50:21Z ",
        " 2026-11-23T07:50:21Z",
        "2026-11-23T07:50:21ZZ",
        "2026-11-23T07:50:21.5",
        "26-11-23T07:50:21Z",
        "12026-11-23T07:50:21Z",
        "2026-1-23T07:50:21Z",
        "2026-00-23T07:50:21Z",
        "2026-13-23T07:50:21Z",
        "2026-11-00T07:50:21Z",
        "2026-11-31T07:50:21Z",
        "2025-02-29T07:50:21Z",
        "2100-02-29T07:50:21Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T07:60:21Z",
        "2026-11-23T07:50:60Z",
        "1969-12-31T23:59:59Z",
        "-026-11-23T07:50:21Z",
        "2026-11-23T+7:50:21Z",
        "20261123T075021Z",
        "2026-11-23UTC07:50:21Z",
    };
    int64_t seconds;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(timestamp_parse(good[i].text, &seconds), 0);
        assert_int_equal(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (timestamp_parse(bad[i], &seconds) == 0)
            fail_msg("\"%s\" was taken for a date", bad[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(session_in_every_order, forget),
        cmocka_unit_test_teardown(session_in_any_dress, forget),
        cmocka_unit_test_teardown(session_in_utf16, forget),
        cmocka_unit_test_teardown(session_of_a_role, forget),
        cmocka_unit_test_teardown(session_with_a_part_missing, forget),
        cmocka_unit_test_teardown(session_with_a_part_twice, forget),
        cmocka_unit_test_teardown(session_with_a_malformed_part, forget),
        cmocka_unit_test_teardown(long_values, forget),
        cmocka_unit_test_teardown(identity, forget),
        cmocka_unit_test_teardown(mfa_devices, forget),
        cmocka_unit_test_teardown(mfa_devices_page_by_page, forget),
        cmocka_unit_test_teardown(too_many_mfa_devices, forget),
        cmocka_unit_test_teardown(new_access_key, forget),
        cmocka_unit_test_teardown(access_keys, forget),
        cmocka_unit_test_teardown(access_keys_that_are_none, forget),
        cmocka_unit_test_teardown(too_many_access_keys, forget),
        cmocka_unit_test_teardown(new_device, forget),
        cmocka_unit_test_teardown(done_and_no_more, forget),
        cmocka_unit_test_teardown(error_of_aws, forget),
        cmocka_unit_test_teardown(error_without_a_code, forget),
        cmocka_unit_test_teardown(error_with_long_texts, forget),
        cmocka_unit_test_teardown(truncated_anywhere, forget),
        cmocka_unit_test_teardown(no_xml, forget),
        cmocka_unit_test_teardown(no_document_types, forget),
        cmocka_unit_test_teardown(depth, forget),
        cmocka_unit_test_teardown(long_names, forget),
        cmocka_unit_test_teardown(elements_inside_a_value, forget),
        cmocka_unit_test_teardown(one_after_the_other, forget),
        cmocka_unit_test(dates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
