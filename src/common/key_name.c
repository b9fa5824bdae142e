/*
 * Key descriptions and payloads: see key_name.h. Part of libcommon.
 */
#include "key_name.h"

#include <stdio.h>
#include <string.h>

/* Append text at *used, percent-encoded unless plain. Returns 0 or -1. */
static int
append(char *buffer, size_t *used, const char *text, int encode)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        int plain = !encode ||
                    (*p > 0x20 && *p < 0x7F && *p != '%' && *p != ':');

        if (*used + 4 > KEY_NAME_SIZE)
            return -1;
        if (plain)
            buffer[(*used)++] = (char)*p;
        else
            *used += (size_t)sprintf(buffer + *used, "%%%02X", *p);
    }
    buffer[*used] = '\0';
    return 0;
}

int
key_name_build(char buffer[KEY_NAME_SIZE], const char *kind, const char *name,
               const char *id)
{
    size_t used = 0;

    if (append(buffer, &used, "aws-session:", 0) != 0 ||
        append(buffer, &used, kind, 0) != 0 ||
        append(buffer, &used, ":", 0) != 0 ||
        append(buffer, &used, name, 1) != 0)
        return -1;
    if (id == NULL)
        return 0;
    return append(buffer, &used, ":", 0) != 0 ? -1
                                              : append(buffer, &used, id, 0);
}

int
key_payload_split(const char *payload, size_t length, size_t *id_length,
                  size_t *secret_length)
{
    const char *end = memchr(payload, '\n', length);
    size_t secret;

    if (end == NULL || end == payload)
        return -1;
    *id_length = (size_t)(end - payload);
    secret = *id_length + 1;
    *secret_length = length - secret;
    if (*secret_length > 0 && payload[length - 1] == '\n')
        (*secret_length)--;
    if (*secret_length == 0 ||
        memchr(payload + secret, '\n', *secret_length) != NULL)
        return -1;
    return (int)secret;
}
