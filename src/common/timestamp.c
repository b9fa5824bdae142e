/*
 * Points in time as AWS writes them: see timestamp.h. Part of libcommon.
 */
#include "timestamp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct calendar {
    int year, month, day, hour, minute, second;
};

/* Read that many digits and step over them; -1 if they are not all there. */
static int
read_digits(const char **text, int count)
{
    int number = 0;

    while (count-- > 0) {
        if (**text < '0' || **text > '9')
            return -1;
        number = number * 10 + (*(*text)++ - '0');
    }
    return number;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
is_valid(const struct calendar *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    if (c->day > days[c->month - 1] + (c->month == 2 && is_leap(c->year)))
        return false;
    return c->hour >= 0 && c->hour < 24 && c->minute >= 0 && c->minute < 60 &&
           c->second >= 0 && c->second < 60;
}

/* Days from 1970-01-01; years are counted from March, so that the leap day
 * is the last of its year. */
static int64_t
days_since_1970(const struct calendar *c)
{
    int64_t year = c->month > 2 ? c->year : c->year - 1;
    int64_t month = (c->month + 9) % 12;

    return 365 * year + year / 4 - year / 100 + year / 400 +
           (153 * month + 2) / 5 + c->day - 1 - 719468;
}

int
timestamp_parse(const char *text, int64_t *seconds)
{
    struct calendar c;
    int *const parts[] = {&c.year, &c.month,  &c.day,
                          &c.hour, &c.minute, &c.second};
    static const char separators[] = "--T::";

    for (int i = 0; i < 6; i++) {
        *parts[i] = read_digits(&text, i == 0 ? 4 : 2);
        if (*parts[i] < 0 || (i < 5 && *text++ != separators[i]))
            return -1;
    }
    if (*text == '.') {
        size_t digits = strspn(++text, "0123456789");
        if (digits == 0)
            return -1;
        text += digits;
    }
    if (strcmp(text, "Z") != 0 || !is_valid(&c))
        return -1;
    *seconds = days_since_1970(&c) * 86400 + c.hour * 3600 + c.minute * 60 +
               c.second;
    return 0;
}

/* The other way round: from days since 1970-01-01 to a date. */
static void
date_of(int64_t days, struct calendar *c)
{
    int64_t shifted = days + 719468; /* since March 1st of year 0 */
    int64_t era = shifted / 146097;  /* 400 years each */
    int64_t day = shifted % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) /
                   365; /* of the era */
    int64_t month;

    day -= 365 * year + year / 4 - year / 100;
    month = (5 * day + 2) / 153; /* from March on */
    c->day = (int)(day - (153 * month + 2) / 5 + 1);
    c->month = (int)(month < 10 ? month + 3 : month - 9);
    c->year = (int)(era * 400 + year + (c->month <= 2));
}

void
timestamp_format(int64_t seconds, char text[TIMESTAMP_SIZE])
{
    static const int64_t last = INT64_C(253402300799); /* of year 9999 */
    struct calendar c;
    char wide[80];
    int of_day;

    seconds = seconds < 0 ? 0 : seconds > last ? last : seconds;
    date_of(seconds / 86400, &c);
    of_day = (int)(seconds % 86400);
    snprintf(wide, sizeof(wide), "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
             c.month, c.day, of_day / 3600, of_day / 60 % 60, of_day % 60);
    memcpy(text, wide, TIMESTAMP_SIZE - 1);
    text[TIMESTAMP_SIZE - 1] = '\0';
}
