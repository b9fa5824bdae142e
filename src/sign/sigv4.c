/*
 * AWS Signature Version 4: see sigv4.h. Part of aws-session-sign, the only
 * program with libcrypto.
 */
#include "sigv4.h"

#include "operation.h"
#include "timestamp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdio.h>
#include <string.h>

enum { HASH_SIZE = 32 };

int
sigv4_start(struct report *report)
{
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return report_set(report, "libcrypto cannot be initialised");
    return 0;
}

static void
write_hex(char hex[SIGV4_HEX_SIZE], const unsigned char hash[HASH_SIZE])
{
    for (size_t i = 0; i < HASH_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

/* The SHA-256 of data in hex. Returns 0 or -1. */
static int
hash_hex(char hex[SIGV4_HEX_SIZE], const struct secret *data)
{
    unsigned char hash[HASH_SIZE];

    if (EVP_Digest(data->data, data->length, hash, NULL, EVP_sha256(), NULL) !=
        1)
        return -1;
    write_hex(hex, hash);
    return 0;
}

/* The hash of the canonical request, in hex. Returns 0 or -1. */
static int
hash_request(char hex[SIGV4_HEX_SIZE], const struct sigv4_request *request,
             const char *date, const char *names)
{
    const struct secret *token = request->session_token;
    struct secret text = {0};
    char body_hash[SIGV4_HEX_SIZE];
    const char *const pieces[] = {
        "\n\n", /* after the path: an empty query */
        "content-type:" SIGV4_CONTENT_TYPE "\nhost:",
        request->host,
        "\nx-amz-date:",
        date,
        token->length > 0 ? "\nx-amz-security-token:" : "",
        token->length > 0 ? token->data : "",
        "\n\n",
        names,
        "\n",
        body_hash,
    };
    int result = -1;

    if (hash_hex(body_hash, request->body) != 0 ||
        secret_append_string(&text, "POST\n") != 0 ||
        append_encoded(&text, request->path, strlen(request->path),
                       UNRESERVED "/") != 0)
        goto done;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        if (secret_append_string(&text, pieces[i]) != 0)
            goto done;
    result = hash_hex(hex, &text);
done:
    secret_free(&text);
    return result;
}

int
sigv4_sign_hash(char signature[SIGV4_HEX_SIZE], const char *date,
                const char *region, const char *service,
                const char *canonical_hash, const struct secret *secret)
{
    unsigned char hash[HASH_SIZE];
    struct secret key = {0};
    char day[9], text[512];
    const char *const chain[] = {day, region, service, "aws4_request", text};
    int length, result = -1;

    snprintf(day, sizeof(day), "%.8s", date);
    length = snprintf(text, sizeof(text),
                      "AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s", date,
                      day, region, service, canonical_hash);
    if (length < 0 || (size_t)length >= sizeof(text) ||
        secret->length > SIGV4_SECRET_MAX ||
        secret_append_string(&key, "AWS4") != 0 ||
        secret_append(&key, secret->data, secret->length) != 0)
        goto done;
    for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++)
        if (HMAC(EVP_sha256(), key.data, (int)key.length,
                 (const unsigned char *)chain[i], strlen(chain[i]), hash,
                 NULL) == NULL ||
            secret_set(&key, hash, HASH_SIZE) != 0)
            goto done;
    write_hex(signature, hash);
    result = 0;
done:
    secret_free(&key);
    OPENSSL_cleanse(hash, sizeof(hash));
    return result;
}

/* "20260131T235959Z": a timestamp without its punctuation. */
static void
write_amz_date(char date[SIGV4_DATE_SIZE], time_t now)
{
    char text[TIMESTAMP_SIZE];
    size_t used = 0;

    timestamp_format(now, text);
    for (const char *p = text; *p != '\0'; p++)
        if (*p != '-' && *p != ':')
            date[used++] = *p;
    date[used] = '\0';
}

int
sigv4_sign(struct sigv4_signature *signature,
           const struct sigv4_request *request, const char *key_id,
           const struct secret *secret, struct report *report)
{
    const char *names = request->session_token->length > 0
                            ? "content-type;host;x-amz-date;"
                              "x-amz-security-token"
                            : "content-type;host;x-amz-date";
    char *date = signature->amz_date;
    char canonical[SIGV4_HEX_SIZE], hex[SIGV4_HEX_SIZE];
    int length;

    write_amz_date(date, request->time);
    if (hash_request(canonical, request, date, names) != 0 ||
        sigv4_sign_hash(hex, date, request->region, request->service,
                        canonical, secret) != 0)
        return report_set(report, "libcrypto did not sign");
    length = snprintf(signature->authorization, SIGV4_HEADER_SIZE,
                      "AWS4-HMAC-SHA256 "
                      "Credential=%s/%.8s/%s/%s/aws4_request, "
                      "SignedHeaders=%s, Signature=%s",
                      key_id, date, request->region, request->service, names,
                      hex);
    if (length < 0 || length >= SIGV4_HEADER_SIZE)
        return report_set(report, "the Authorization header is too long");
    return 0;
}
