/*
 * AWS's time, as far as we know it.
 *
 * Part of aws-session. STS refuses a request whose date is more than five
 * minutes off. When it did, the Date header of its answer says how far the
 * clock of this machine is off; that is remembered, against CLOCK_BOOTTIME,
 * so that it stays right when somebody sets the clock.
 */
#ifndef AWS_SESSION_CLOCK_H
#define AWS_SESSION_CLOCK_H

#include <stdint.h>

/* Seconds to add to this machine's clock: 0 unless AWS told us otherwise. */
int64_t clock_offset(void);

/* Seconds since 1970 UTC, by AWS's clock. */
int64_t clock_now(void);

/* AWS's clock shows server_date now: remember it. */
void clock_correct(int64_t server_date);

#endif
