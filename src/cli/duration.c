/*
 * Durations: see duration.h. Part of aws-session.
 */
#include "duration.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

int
duration_parse(const char *text, unsigned *seconds)
{
    unsigned long long total = 0;
    bool any = false;

    while (*text != '\0') {
        unsigned long long number = 0;
        unsigned unit = 1;
        const char *start = text;

        for (; *text >= '0' && *text <= '9'; text++) {
            number = number * 10 + (unsigned)(*text - '0');
            if (number > UINT_MAX)
                return -1;
        }
        if (text == start)
            return -1;
        if (*text == 'h')
            unit = 3600;
        else if (*text == 'm')
            unit = 60;
        else if (*text != 's' && *text != '\0')
            return -1;
        /* A number without a unit stands alone. */
        if (*text == '\0' && any)
            return -1;
        if (*text != '\0')
            text++;
        any = true;
        total += number * unit;
        if (total > UINT_MAX)
            return -1;
    }
    *seconds = (unsigned)total;
    return any ? 0 : -1;
}

void
duration_format(int64_t seconds, char text[DURATION_SIZE])
{
    long long s = seconds > 0 ? (long long)seconds : 0;

    if (s >= 3600)
        snprintf(text, DURATION_SIZE, "%lld h %lld min", s / 3600,
                 s / 60 % 60);
    else if (s >= 60)
        snprintf(text, DURATION_SIZE, "%lld min", s / 60);
    else
        snprintf(text, DURATION_SIZE, "%lld s", s);
}
