/*
 * Reports: see report.h. Part of libcommon: libc only, no allocation.
 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

void
report_clean(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        /* C0, DEL, and C1 as UTF-8 writes it (0xC2 0x80..0x9F). */
        if (*p < 0x20 || *p == 0x7F)
            *p = '?';
        else if (*p == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F)
            p[0] = p[1] = '?';
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
