/*
 * AWS's time: see clock.h. Part of aws-session.
 */
#include "clock.h"

#include "note.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A session's longest life: by then it has been asked again anyway. */
enum { REMEMBER_SECONDS = 129600 };

static const char note_name[] = "clock";

static bool loaded;
static int64_t offset;

static int64_t
read_clock(clockid_t id)
{
    struct timespec now = {0};

    clock_gettime(id, &now);
    return now.tv_sec;
}

int64_t
clock_offset(void)
{
    char text[32];

    if (!loaded && note_read(note_name, NULL, text, sizeof(text)) > 0)
        offset = strtoll(text, NULL, 10) + read_clock(CLOCK_BOOTTIME) -
                 read_clock(CLOCK_REALTIME);
    loaded = true;
    return offset;
}

int64_t
clock_now(void)
{
    return read_clock(CLOCK_REALTIME) + clock_offset();
}

void
clock_correct(int64_t server_date)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64,
             server_date - read_clock(CLOCK_BOOTTIME));
    note_write(note_name, NULL, text, REMEMBER_SECONDS);
    offset = server_date - read_clock(CLOCK_REALTIME);
    loaded = true;
}
