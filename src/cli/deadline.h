/*
 * A limit on the time that getting a session may take. The time that a person
 * takes to answer is theirs and does not count.
 *
 * Part of aws-session. The process at work says when a person's time begins
 * and ends; the one that started it counts (session_child.h).
 */
#ifndef AWS_SESSION_DEADLINE_H
#define AWS_SESSION_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Somebody counts this process's time, at the other end of a socket. */
void deadline_serve(int fd);

/* In the process at work: a person is asked, or has answered. Does nothing if
 * nobody counts. */
void deadline_hold(void);
void deadline_resume(void);

/* For the one who counts: milliseconds by a clock that nobody sets. */
int64_t deadline_clock(void);

#endif
