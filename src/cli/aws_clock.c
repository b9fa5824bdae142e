/*
 * A clock that AWS says is off: aws_correct_clock of aws_call.h. Part of
 * aws-session.
 */
#include "aws_call.h"
#include "aws_error.h"
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SKEW_TOLERATED = 240,  /* s; AWS refuses from five minutes on */
    SECONDS_SIGNED = 86400 /* off by more, the signer refuses */
};

/* "2 days 3 h", "3 h 20 min" or "20 min 5 s". */
static const char *
write_amount(int64_t seconds, char *buffer, size_t size)
{
    long long s = (long long)seconds;

    if (s >= SECONDS_SIGNED)
        snprintf(buffer, size, "%lld days %lld h", s / 86400, s / 3600 % 24);
    else if (s >= 3600)
        snprintf(buffer, size, "%lld h %lld min", s / 3600, s / 60 % 60);
    else
        snprintf(buffer, size, "%lld min %lld s", s / 60, s % 60);
    return buffer;
}

bool
aws_correct_clock(const struct aws_error *error, struct report *report)
{
    int64_t off = error->server_date - (clock_now() - clock_offset());
    int64_t amount = off < 0 ? -off : off;
    char text[48];

    if (!aws_error_is_clock(error) || error->server_date == 0)
        return false;
    if (llabs((long long)(error->server_date - clock_now())) < SKEW_TOLERATED)
        return false;
    write_amount(amount, text, sizeof(text));
    if (amount >= SECONDS_SIGNED) {
        report_set(report,
                   "the clock of this machine is %s %s: set it (see "
                   "timedatectl), and try again",
                   text, off > 0 ? "slow" : "fast");
        return false;
    }
    clock_correct(error->server_date);
    if (amount < SKEW_TOLERATED)
        report_set(report, "the clock of this machine is right again");
    else
        report_set(report,
                   "the clock of this machine is %s %s (set it: see "
                   "timedatectl)",
                   text, off > 0 ? "slow" : "fast");
    return true;
}
