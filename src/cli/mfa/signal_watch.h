/*
 * Signals that would end us, held while something half made is about.
 *
 * Part of aws-session. From begin to end SIGHUP, SIGINT, SIGQUIT and SIGTERM
 * make a descriptor readable instead; what was ignored before stays ignored.
 * Programs that are started meanwhile ignore them, so that Ctrl-C does not
 * end our helpers in the middle of a call.
 */
#ifndef AWS_SESSION_SIGNAL_WATCH_H
#define AWS_SESSION_SIGNAL_WATCH_H

#include "report.h"

#include <signal.h>
#include <stdbool.h>

enum { SIGNAL_WATCH_COUNT = 4 };

/* Initialise with SIGNAL_WATCH_NONE. */
struct signal_watch {
    int fd; /* close-on-exec; for the watch_fd of terminal.h; -1: none */
    sigset_t mask;
    struct sigaction actions[SIGNAL_WATCH_COUNT];
};

#define SIGNAL_WATCH_NONE                                                     \
    {                                                                         \
        .fd = -1                                                              \
    }

/* Returns 0, or -1 with the report filled. */
int signal_watch_begin(struct signal_watch *watch, struct report *report);

/* Whether one has come since. */
bool signal_watch_has_caught(const struct signal_watch *watch);

/* All as before; the first that came does now what it would have done. Takes
 * none. */
void signal_watch_end(struct signal_watch *watch);

#endif
