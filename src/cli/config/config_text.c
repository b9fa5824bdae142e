/*
 * Blanks, lines and UTF-8: see config_text.h. Part of aws-session.
 */
#include "config_text.h"

#include <stdint.h>
#include <string.h>

/* One character beyond ASCII, decoded; text is valid UTF-8. */
static uint32_t
character_at(const char *p, const char *end, size_t *length)
{
    const unsigned char *byte = (const unsigned char *)p;
    size_t left = (size_t)(end - p);

    *length = 1;
    if (byte[0] >= 0xC2 && byte[0] < 0xE0 && left >= 2) {
        *length = 2;
        return (byte[0] & 0x1FU) << 6 | (byte[1] & 0x3FU);
    }
    if (byte[0] >= 0xE0 && byte[0] < 0xF0 && left >= 3) {
        *length = 3;
        return (byte[0] & 0x0FU) << 12 | (byte[1] & 0x3FU) << 6 |
               (byte[2] & 0x3FU);
    }
    return byte[0];
}

size_t
config_text_blank(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p;
    uint32_t character;
    size_t length;

    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F)
                   ? 1
                   : 0;
    character = character_at(p, end, &length);
    switch (character) {
    case 0x0085:
    case 0x00A0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
        return length;
    default:
        return length == 3 && character >= 0x2000 && character <= 0x200A
                   ? length
                   : 0;
    }
}

struct config_span
config_text_trim(struct config_span span)
{
    size_t length;

    while (span.begin < span.end &&
           (length = config_text_blank(span.begin, span.end)) > 0)
        span.begin += length;
    while (span.begin < span.end) {
        char *last = span.end - 1;

        while (last > span.begin && ((unsigned char)*last & 0xC0) == 0x80)
            last--;
        if (config_text_blank(last, span.end) == 0)
            break;
        span.end = last;
    }
    return span;
}

/* The length of the line break at p, 0 if there is none. */
static size_t
line_break(const char *p, const char *end)
{
    uint32_t character;
    size_t length;

    if (((unsigned char)*p >= '\n' && (unsigned char)*p <= '\r') ||
        ((unsigned char)*p >= 0x1C && (unsigned char)*p <= 0x1E))
        return 1;
    if ((unsigned char)*p < 0x80)
        return 0;
    character = character_at(p, end, &length);
    return character == 0x85 || character == 0x2028 || character == 0x2029
               ? length
               : 0;
}

bool
config_text_next_line(struct config_span *rest, struct config_span *line)
{
    size_t length = 0;
    char *p;

    if (rest->begin >= rest->end)
        return false;
    for (p = rest->begin; p < rest->end; p++) {
        length = line_break(p, rest->end);
        if (length > 0)
            break;
    }
    *line = (struct config_span){rest->begin, p};
    rest->begin = p + length;
    return true;
}

/* The length of the valid sequence at p, 0 if it is none (RFC 3629). */
static size_t
sequence_length(const unsigned char *p, size_t left)
{
    unsigned low = 0x80;
    unsigned high = 0xBF;
    size_t length;

    if (p[0] < 0x80)
        return p[0] != '\0';
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    length = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (left < length)
        return 0;
    /* No overlong forms, no surrogates, nothing above U+10FFFF. */
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

size_t
config_text_valid(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;

    while (at < length) {
        size_t step = sequence_length(bytes + at, length - at);

        if (step == 0)
            break;
        at += step;
    }
    return at;
}

char *
config_text_line_end(char *p, const char *end)
{
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    if (p < end && *p++ == '\r' && p < end && *p == '\n')
        p++;
    return p;
}

long
config_text_indent(char *begin, char *end)
{
    struct config_span content = config_text_trim(
        (struct config_span){begin, end});
    long indent = 0;

    if (content.begin == content.end || *content.begin == '#' ||
        *content.begin == ';')
        return -1;
    for (char *p = begin; p < content.begin; p++)
        indent += ((unsigned char)*p & 0xC0) != 0x80;
    return indent;
}
