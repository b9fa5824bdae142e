/*
 * The seed of an MFA device: see mfa_seed.h. Part of aws-session.
 */
#include "mfa_seed.h"

#include <stdio.h>
#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BASE32 UPPER "234567"
#define DIGITS "0123456789"
#define LETTERS UPPER "abcdefghijklmnopqrstuvwxyz"
#define BASE64 LETTERS DIGITS "+/"
#define ISSUER "Amazon%20Web%20Services"

enum { SEED_LEAST = 16, GROUP = 4 };

/* Without padding and line ends; -1 for what is no base64. */
static int
decode_base64(struct secret *to, const char *text, size_t length)
{
    static const char digits[] = BASE64;
    unsigned bits = 0, count = 0;
    int result = 0;

    for (size_t i = 0; i < length && result == 0; i++) {
        const char *digit = strchr(digits, text[i]);
        char byte;

        if (text[i] == '\0' || digit == NULL)
            return -1;
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xFFFF;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        byte = (char)(bits >> count & 0xFF);
        result = secret_append(to, &byte, 1);
        explicit_bzero(&byte, 1);
    }
    explicit_bzero(&bits, sizeof(bits));
    return result;
}

/* How many bytes are left without the padding. */
static size_t
without_padding(const char *text, size_t length)
{
    while (length > 0 && text[length - 1] == '=')
        length--;
    return length;
}

int
mfa_seed_decode(struct secret *seed, const struct secret *sent,
                struct report *report)
{
    secret_clear(seed);
    if (secret_reserve(seed, sent->length) != 0)
        return report_set(report, "out of memory");
    if (sent->length == 0 ||
        decode_base64(seed, sent->data,
                      without_padding(sent->data, sent->length)) != 0 ||
        without_padding(seed->data, seed->length) < SEED_LEAST ||
        strspn(seed->data, BASE32) !=
            without_padding(seed->data, seed->length)) {
        secret_clear(seed);
        return report_set(report, "AWS sent a seed for the MFA device that is "
                                  "none");
    }
    seed->length = without_padding(seed->data, seed->length);
    seed->data[seed->length] = '\0';
    return 0;
}

/* As the part of a URI: all but what RFC 3986 leaves alone becomes %XX. */
static int
append_encoded(struct secret *uri, const char *text)
{
    for (; *text != '\0'; text++) {
        char encoded[4];

        if (strchr(LETTERS DIGITS "-._~", *text) != NULL)
            snprintf(encoded, sizeof(encoded), "%c", *text);
        else
            snprintf(encoded, sizeof(encoded), "%%%02X",
                     (unsigned)(unsigned char)*text);
        if (secret_append_string(uri, encoded) != 0)
            return -1;
    }
    return 0;
}

int
mfa_seed_append_uri(struct secret *uri, const struct secret *seed,
                    const char *device, const char *account, enum mfa_uri kind)
{
    if (secret_append_string(uri, "otpauth://totp/") != 0 ||
        (kind == MFA_URI_FULL && secret_append_string(uri, ISSUER ":") != 0) ||
        append_encoded(uri, device) != 0 ||
        secret_append_string(uri, "@") != 0 ||
        append_encoded(uri, account) != 0 ||
        secret_append_string(uri, "?secret=") != 0 ||
        secret_append(uri, seed->data, seed->length) != 0 ||
        (kind == MFA_URI_FULL &&
         secret_append_string(uri, "&issuer=" ISSUER) != 0))
        return -1;
    return 0;
}

int
mfa_seed_append_groups(struct secret *text, const struct secret *seed)
{
    for (size_t i = 0; i < seed->length; i += GROUP) {
        size_t length = seed->length - i < GROUP ? seed->length - i : GROUP;

        if ((i > 0 && secret_append_string(text, " ") != 0) ||
            secret_append(text, seed->data + i, length) != 0)
            return -1;
    }
    return 0;
}
