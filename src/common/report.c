/*
 * Reports: see report.h. Part of libcommon: libc only, no allocation.
 */
#include "report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The length of the character at p if a terminal shows it, else 0: for C0,
 * DEL, C1, and what is no UTF-8 (RFC 3629), since a terminal may take a byte
 * of 0x80 to 0x9F for C1.
 */
static size_t
shown_length(const unsigned char *p)
{
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (length == 1)
        return p[0] >= 0x20 && p[0] != 0x7F;
    if (p[0] < 0xC2 || p[0] > 0xF4 || (p[0] == 0xC2 && p[1] < 0xA0) ||
        (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    /* The final NUL ends this, too. */
    for (size_t i = 1; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

void
report_clean(char *text)
{
    unsigned char *p = (unsigned char *)text;

    while (*p != '\0') {
        size_t length = shown_length(p);

        if (length == 0)
            *p++ = '?';
        p += length;
    }
}

int
report_set(struct report *report, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(report->text, sizeof(report->text), format, args);
    va_end(args);
    report_clean(report->text);
    return -1;
}
