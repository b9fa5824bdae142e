/*
 * Signature Version 4 (src/sign/sigv4.c) against AWS's documented example
 * and against signatures that botocore's SigV4Auth made of the same input.
 */
#include "sign/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEY_ID "AKIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define IDENTITY "Action=GetCallerIdentity&Version=2011-06-15"
#define NAMES "content-type;host;x-amz-date"

static const struct example {
    const char *service, *region, *host, *path, *secret, *token, *body;
    time_t time;
    const char *date, *scope_and_names, *signature;
} examples[] = {
    {"sts", "us-east-1", "sts.us-east-1.amazonaws.com", "/", SECRET, "",
     IDENTITY, 1440938160, "20150830T123600Z",
     "20150830/us-east-1/sts/aws4_request, SignedHeaders=" NAMES,
     "52a8540fea00e731072179f763577cbe2a45eac2c5d32fb4d785f3eefac88165"},
    {"sts", "cn-north-1", "sts.cn-north-1.amazonaws.com.cn", "/", SECRET,
     "FwoGZXIvYXdzEXAMPLE//token+=", IDENTITY, 951782399, "20000228T235959Z",
     "20000228/cn-north-1/sts/aws4_request, SignedHeaders=" NAMES
     ";x-amz-security-token",
     "29282dd521540b46494d2a9634cc25edb5dc26d5f1cfb33b6beaa419e312fe6e"},
    {"iam", "eu-west-1", "localhost:4566", "/aws/sts~v1/a@b",
     "/+ =secret with blanks", "",
     "Action=ListMFADevices&Version=2010-05-08&Marker=a+b%2F%2B%3D",
     4102444800, "21000101T000000Z",
     "21000101/eu-west-1/iam/aws4_request, SignedHeaders=" NAMES,
     "a21b3ebc59a3271c5a8060d293f3f4f4e868de103ac2c19eaaf6b02695766a84"},
    {"sts", "us-gov-west-1", "[::1]:8443", "/", SECRET, "", "", 1709251199,
     "20240229T235959Z",
     "20240229/us-gov-west-1/sts/aws4_request, SignedHeaders=" NAMES,
     "18af087532412f58adc97d6ecc91b97550b91f32293db59f9d8256350d945772"},
};

static void
set(struct secret *secret, const char *text)
{
    assert_int_equal(secret_set(secret, text, strlen(text)), 0);
}

/* Sign an example at a time. Returns what sigv4_sign returned. */
static int
sign(struct sigv4_signature *signature, const struct example *example,
     time_t time, struct report *report)
{
    struct secret secret = {0}, token = {0}, body = {0};
    struct sigv4_request request = {
        .service = example->service,
        .region = example->region,
        .host = example->host,
        .path = example->path,
        .session_token = &token,
        .body = &body,
        .time = time,
    };
    int result;

    set(&secret, example->secret);
    if (*example->token != '\0') /* else wholly empty, as in the signer */
        set(&token, example->token);
    if (*example->body != '\0')
        set(&body, example->body);
    result = sigv4_sign(signature, &request, KEY_ID, &secret, report);
    secret_free(&secret);
    secret_free(&token);
    secret_free(&body);
    return result;
}

static void
signs_as_botocore_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const struct example *example = &examples[i];
        struct sigv4_signature signature;
        struct report report;
        char expected[SIGV4_HEADER_SIZE] = "AWS4-HMAC-SHA256 Credential=";

        strcat(expected, KEY_ID "/");
        strcat(expected, example->scope_and_names);
        strcat(expected, ", Signature=");
        strcat(expected, example->signature);
        assert_int_equal(sign(&signature, example, example->time, &report), 0);
        assert_string_equal(signature.amz_date, example->date);
        assert_string_equal(signature.authorization, expected);
    }
}

/* ListUsers, the example of AWS's documentation: a GET, so from its hash. */
static void
derives_the_documented_signature(void **state)
{
    struct secret secret = {0};
    char signature[SIGV4_HEX_SIZE];

    (void)state;
    set(&secret, SECRET);
    assert_int_equal(sigv4_sign_hash(signature, "20150830T123600Z",
                                     "us-east-1", "iam",
                                     "f536975d06c0309214f805bb90ccff08"
                                     "9219ecd68b2577efef23edd43b7e1a59",
                                     &secret),
                     0);
    assert_string_equal(signature, "5d672d79c15b13162d9279b0855cfba6"
                                   "789a8edb4c82c400e06b5924a6f2b5d7");
    secret_free(&secret);
}

static void
every_input_counts(void **state)
{
    const struct example base = examples[1];
    struct example changed[8];
    struct sigv4_signature first, other;
    struct report report;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        changed[i] = base;
    changed[0].service = "iam";
    changed[1].region = "cn-north-2";
    changed[2].host = "sts.cn-north-2.amazonaws.com.cn";
    changed[3].path = "/x";
    changed[4].secret = SECRET "x";
    changed[5].token = "FwoGZXIvYXdzEXAMPLE//token+";
    changed[6].body = IDENTITY "&";
    changed[7].token = "";
    assert_int_equal(sign(&first, &base, base.time, &report), 0);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(sign(&other, &changed[i], base.time, &report), 0);
        assert_string_not_equal(strstr(first.authorization, "Signature="),
                                strstr(other.authorization, "Signature="));
    }
    assert_int_equal(sign(&other, &base, base.time + 1, &report), 0);
    assert_string_not_equal(first.authorization, other.authorization);
    assert_int_equal(sign(&other, &base, base.time, &report), 0);
    assert_string_equal(first.authorization, other.authorization);
}

/* A clock that is beyond all dates still gives a date of the right form. */
static void
dates_always_have_sixteen_characters(void **state)
{
    static const struct {
        time_t time;
        const char *date;
    } cases[] = {
        {253402300799, "99991231T235959Z"}, {253402300800, "99991231T235959Z"},
        {INT64_MAX, "99991231T235959Z"},    {0, "19700101T000000Z"},
        {-1, "19700101T000000Z"},           {INT64_MIN, "19700101T000000Z"},
    };
    struct sigv4_signature signature;
    struct report report;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            sign(&signature, &examples[0], cases[i].time, &report), 0);
        assert_string_equal(signature.amz_date, cases[i].date);
    }
}

static void
refuses_what_does_not_fit(void **state)
{
    struct example large = examples[0];
    struct sigv4_signature signature;
    struct report report;
    char *text = malloc(1000);

    (void)state;
    assert_non_null(text);
    memset(text, 'r', 999);
    text[999] = '\0';
    large.region = text;
    assert_int_equal(sign(&signature, &large, large.time, &report), -1);
    large.region = "us-east-1";
    large.secret = text;
    assert_int_equal(sign(&signature, &large, large.time, &report), -1);
    assert_null(strstr(report.text, "rrr"));
    free(text);
}

static int
start(void **state)
{
    struct report report;

    (void)state;
    return sigv4_start(&report);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_botocore_does),
        cmocka_unit_test(derives_the_documented_signature),
        cmocka_unit_test(every_input_counts),
        cmocka_unit_test(dates_always_have_sixteen_characters),
        cmocka_unit_test(refuses_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
