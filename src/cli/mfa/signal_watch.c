/*
 * Held signals: see signal_watch.h. Part of aws-session.
 */
#include "signal_watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int signals[SIGNAL_WATCH_COUNT] = {SIGHUP, SIGINT, SIGQUIT,
                                                SIGTERM};

int
signal_watch_begin(struct signal_watch *watch, struct report *report)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < SIGNAL_WATCH_COUNT; i++) {
        sigaction(signals[i], NULL, &watch->actions[i]);
        if (watch->actions[i].sa_handler != SIG_IGN)
            sigaddset(&set, signals[i]);
    }
    watch->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (watch->fd < 0)
        return report_set(report, "signalfd: %s", strerror(errno));
    /* Linux keeps a blocked signal although it is ignored; it is ignored for
     * the sake of our children. */
    sigprocmask(SIG_BLOCK, &set, &watch->mask);
    for (int i = 0; i < SIGNAL_WATCH_COUNT; i++)
        sigaction(signals[i], &ignore, NULL);
    return 0;
}

bool
signal_watch_has_caught(const struct signal_watch *watch)
{
    struct pollfd look = {.fd = watch->fd, .events = POLLIN};

    return poll(&look, 1, 0) == 1;
}

void
signal_watch_end(struct signal_watch *watch)
{
    struct signalfd_siginfo info;
    int caught = 0;

    if (watch->fd < 0)
        return;
    if (read(watch->fd, &info, sizeof(info)) == sizeof(info))
        caught = (int)info.ssi_signo;
    close(watch->fd);
    watch->fd = -1;
    for (int i = 0; i < SIGNAL_WATCH_COUNT; i++)
        sigaction(signals[i], &watch->actions[i], NULL);
    if (caught != 0)
        raise(caught);
    sigprocmask(SIG_SETMASK, &watch->mask, NULL);
}
