/*
 * AWS Signature Version 4: see sigv4.h. Part of aws-session-sign, the only
 * program with libcrypto.
 */
#include "sigv4.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { HASH_SIZE = 32, DAY_LENGTH = 8 };

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
    for (int i = 0; i < HASH_SIZE; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", hash[i]);
}

/* A canonical request is hashed piece by piece: a token in it is not copied.
 */
static bool
hash_text(EVP_MD_CTX *context, const char *text)
{
    return EVP_DigestUpdate(context, text, strlen(text)) == 1;
}

static bool
hash_finish(EVP_MD_CTX *context, char hex[SIGV4_HEX_SIZE])
{
    unsigned char hash[HASH_SIZE];

    if (EVP_DigestFinal_ex(context, hash, NULL) != 1)
        return false;
    write_hex(hex, hash);
    return true;
}

/* '/' and unreserved characters stand as they are, all others as %XX. */
static bool
hash_path(EVP_MD_CTX *context, const char *path)
{
    char encoded[4];

    for (; *path != '\0'; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     (c >= '0' && c <= '9') || strchr("/-_.~", c) != NULL;

        snprintf(encoded, sizeof(encoded), plain ? "%c" : "%%%02X", c);
        if (!hash_text(context, encoded))
            return false;
    }
    return true;
}

static bool
hash_headers(EVP_MD_CTX *context, const struct sigv4_request *request,
             const char *date, const char *names)
{
    const struct secret *token = request->session_token;

    if (!hash_text(context, "content-type:" SIGV4_CONTENT_TYPE "\nhost:") ||
        !hash_text(context, request->host) ||
        !hash_text(context, "\nx-amz-date:") || !hash_text(context, date) ||
        !hash_text(context, "\n"))
        return false;
    if (token->length > 0 &&
        (!hash_text(context, "x-amz-security-token:") ||
         EVP_DigestUpdate(context, token->data, token->length) != 1 ||
         !hash_text(context, "\n")))
        return false;
    return hash_text(context, "\n") && hash_text(context, names) &&
           hash_text(context, "\n");
}

/* The SHA-256 of the canonical request, in hex. Returns 0 or -1. */
static int
hash_request(char hex[SIGV4_HEX_SIZE], const struct sigv4_request *request,
             const char *date, const char *names)
{
    const struct secret *body = request->body;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char body_hex[SIGV4_HEX_SIZE];
    bool done = context != NULL &&
                EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, body->data, body->length) == 1 &&
                hash_finish(context, body_hex) &&
                EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                hash_text(context, "POST\n") &&
                hash_path(context, request->path) &&
                hash_text(context, "\n\n") && /* no query */
                hash_headers(context, request, date, names) &&
                hash_text(context, body_hex) && hash_finish(context, hex);

    EVP_MD_CTX_free(context);
    return done ? 0 : -1;
}

/* hash = HMAC(key, text); the key may be hash itself. */
static bool
sign_text(unsigned char hash[HASH_SIZE], const void *key, size_t key_length,
          const char *text, size_t length)
{
    unsigned char result[HASH_SIZE];
    bool done = key_length <= INT_MAX &&
                HMAC(EVP_sha256(), key, (int)key_length,
                     (const unsigned char *)text, length, result,
                     NULL) != NULL;

    if (done)
        memcpy(hash, result, HASH_SIZE);
    OPENSSL_cleanse(result, sizeof(result));
    return done;
}

int
sigv4_sign_hash(char signature[SIGV4_HEX_SIZE], const char *date,
                const char *region, const char *service,
                const char *canonical_hash, const struct secret *secret)
{
    static const char last[] = "aws4_request";
    unsigned char key[HASH_SIZE];
    struct secret first = {0};
    char text[512];
    int length, result = -1;

    length = snprintf(text, sizeof(text),
                      "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/%s\n%s", date, date,
                      region, service, last, canonical_hash);
    if (length < 0 || (size_t)length >= sizeof(text) ||
        secret_append_string(&first, "AWS4") != 0 ||
        secret_append(&first, secret->data, secret->length) != 0)
        goto done;
    if (!sign_text(key, first.data, first.length, date, DAY_LENGTH) ||
        !sign_text(key, key, HASH_SIZE, region, strlen(region)) ||
        !sign_text(key, key, HASH_SIZE, service, strlen(service)) ||
        !sign_text(key, key, HASH_SIZE, last, strlen(last)) ||
        !sign_text(key, key, HASH_SIZE, text, (size_t)length))
        goto done;
    write_hex(signature, key);
    result = 0;
done:
    secret_free(&first);
    OPENSSL_cleanse(key, sizeof(key));
    return result;
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
    struct tm utc;
    int length;

    if (gmtime_r(&request->time, &utc) == NULL ||
        strftime(date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &utc) !=
            SIGV4_DATE_SIZE - 1)
        return report_set(report, "the clock shows no usable date");
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
