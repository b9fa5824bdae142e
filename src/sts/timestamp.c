/*
 * Points in time as AWS writes them: see timestamp.h. Part of aws-session-sts.
 */
#include "timestamp.h"

#include <stdbool.h>
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
