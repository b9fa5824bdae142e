/*
 * The lock of a session: see lock.h. Part of aws-session.
 */
#include "lock.h"

#include "debug.h"
#include "runtime_dir.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { POLLS_PER_SECOND = 50 };

static void
tell_holder(int fd)
{
    char holder[TERMINAL_NAME_SIZE] = "", ours[TERMINAL_NAME_SIZE];
    ssize_t n = pread(fd, holder, sizeof(holder) - 1, 0);

    holder[n > 0 ? n : 0] = '\0';
    terminal_name(ours);
    if (holder[0] == '\0')
        warn_line("waiting: another aws-session is getting this session");
    else if (strcmp(holder, ours) == 0)
        warn_line("waiting: the MFA code is asked on %s, by another job of "
                  "this terminal: see jobs and fg",
                  holder);
    else
        warn_line("waiting: the MFA code is asked on %s", holder);
}

/* Write down where the person is asked, for those who wait. */
static void
name_holder(int fd, enum lock_purpose purpose)
{
    char terminal[TERMINAL_NAME_SIZE] = "";

    if (purpose == LOCK_ASKING)
        terminal_name(terminal);
    (void)!ftruncate(fd, 0);
    (void)!pwrite(fd, terminal, strlen(terminal), 0);
}

/* Wait for a lock that another holds. Returns 0, or -1 if patience ended. */
static int
wait_for(int fd, bool for_ever)
{
    const struct timespec pause = {.tv_nsec = 1000000000 / POLLS_PER_SECOND};

    if (for_ever) {
        while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
            continue;
        return 0;
    }
    for (int i = 0; i < LOCK_PATIENCE * POLLS_PER_SECOND; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        nanosleep(&pause, NULL);
    }
    return -1;
}

/* Whether path still names the file we locked: its holder may have removed
 * it between our open and our lock. */
static bool
is_current(int fd, const char *path)
{
    struct stat held, named;

    return fstat(fd, &held) == 0 && stat(path, &named) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Open the lock file; -1 if we go on without. */
static int
open_file(struct lock *lock, const char *id)
{
    char directory[64];

    lock->fd = -1;
    if (runtime_dir_find(directory, sizeof(directory)) != 0) {
        debug_log("no safe directory for a lock, going on without");
        return -1;
    }
    snprintf(lock->path, sizeof(lock->path), "%s/aws-session-%s.lock",
             directory, id);
    lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    if (lock->fd < 0)
        debug_log("no lock: %s: %s", lock->path, strerror(errno));
    return lock->fd;
}

void
lock_take(struct lock *lock, const char *id, enum lock_purpose purpose)
{
    bool told = purpose == LOCK_BRIEF;

    while (open_file(lock, id) >= 0) {
        if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
            if (!told)
                tell_holder(lock->fd);
            told = true;
            if (wait_for(lock->fd, purpose == LOCK_ASKING) != 0) {
                debug_log("no lock: %s is still held", lock->path);
                close(lock->fd);
                lock->fd = -1;
                return;
            }
        }
        if (is_current(lock->fd, lock->path)) {
            name_holder(lock->fd, purpose);
            return;
        }
        close(lock->fd);
    }
}

int
lock_try(struct lock *lock, const char *id)
{
    while (open_file(lock, id) >= 0) {
        if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(lock->fd);
            lock->fd = -1;
            return -1;
        }
        if (is_current(lock->fd, lock->path))
            return 0;
        close(lock->fd);
    }
    return 0;
}

void
lock_release(struct lock *lock)
{
    if (lock->fd < 0)
        return;
    unlink(lock->path);
    close(lock->fd);
    lock->fd = -1;
}
