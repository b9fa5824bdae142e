/*
 * Whose time it is: see deadline.h. Part of aws-session.
 */
#include "deadline.h"

#include "message.h"

#include <time.h>

static int served = -1;

void
deadline_serve(int fd)
{
    served = fd;
}

/* A failure is that of whoever counts: it has gone, or it will end us. */
static void
tell(bool asking)
{
    struct message message = {0};
    struct report ignored;

    if (served < 0)
        return;
    message_begin(&message, MESSAGE_SESSION_ASKING);
    message_put_number(&message, FIELD_ASKING, asking);
    (void)message_send(served, &message, &ignored);
    message_free(&message);
}

void
deadline_hold(void)
{
    tell(true);
}

void
deadline_resume(void)
{
    tell(false);
}

int64_t
deadline_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
