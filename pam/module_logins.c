/*
 * Counting logins: see module_logins.h. Part of the PAM module.
 *
 * Never follows a link and never blocks for longer than it is told to.
 */
#include "module_logins.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char directory[] = LOGINS_DIR;

enum { FILE_MOST = 64 * 1024, RETRY_MS = 20 };

/* An open and locked file of a user. */
struct book {
    int directory;
    int file;
    char name[24];
    char *text; /* what is in it, NUL-terminated */
};

/* When a process began, in clock ticks since the boot; 0 if there is none. */
static uint64_t
process_begin(pid_t pid)
{
    char path[40], text[1024];
    const char *at;
    uint64_t begin = 0;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    /* proc(5): field 22; the second one, the name, may hold anything. */
    at = strrchr(text, ')');
    for (int field = 3; at != NULL && field <= 22; field++) {
        at = strchr(at, ' ');
        if (at != NULL)
            at++;
    }
    if (at != NULL)
        begin = strtoull(at, NULL, 10);
    return begin;
}

/* Whether the process of a line, which ends at a newline, is alive. */
static bool
is_alive(const char *line)
{
    int pid;
    uint64_t begin;

    return sscanf(line, "%d %" SCNu64, &pid, &begin) == 2 && pid > 0 &&
           process_begin(pid) == begin;
}

/* The directory: root's, and nobody else may write there. */
static int
open_directory(void)
{
    struct stat status;
    int fd;

    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return -1;
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
        (status.st_mode & 022) == 0)
        return fd;
    close(fd);
    errno = EPERM;
    return -1;
}

/* Lock what is open, if it is still the file of that name: who logs out last
 * removes it. Returns 1 to try again, -1 with errno set. */
static int
lock(const struct book *book)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000};
    struct stat ours, named;

    if (flock(book->file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -1;
        nanosleep(&pause, NULL);
        return 1;
    }
    if (fstat(book->file, &ours) != 0)
        return -1;
    return fstatat(book->directory, book->name, &named, AT_SYMLINK_NOFOLLOW) ==
                       0 &&
                   named.st_ino == ours.st_ino && named.st_dev == ours.st_dev
               ? 0
               : 1;
}

static int
open_locked(struct book *book, unsigned seconds)
{
    struct timespec begin, now;
    int result;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        book->file = openat(book->directory, book->name,
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (book->file < 0)
            return -1;
        result = lock(book);
        if (result == 0)
            return 0;
        close(book->file);
        book->file = -1;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (result > 0 && now.tv_sec - begin.tv_sec <= (time_t)seconds);
    if (result > 0)
        errno = ETIMEDOUT;
    return -1;
}

static int
read_text(struct book *book)
{
    ssize_t n;

    book->text = malloc(FILE_MOST + LOGIN_SIZE);
    if (book->text == NULL)
        return -1;
    n = pread(book->file, book->text, FILE_MOST, 0);
    book->text[n > 0 ? n : 0] = '\0';
    return n < 0 ? -1 : 0;
}

static int
open_book(struct book *book, uid_t uid, unsigned seconds)
{
    *book = (struct book){.directory = open_directory(), .file = -1};
    snprintf(book->name, sizeof(book->name), "%u", (unsigned)uid);
    return book->directory >= 0 && open_locked(book, seconds) == 0 &&
                   read_text(book) == 0
               ? 0
               : -1;
}

/* Closing the file gives the lock back. */
static void
close_book(struct book *book)
{
    int error = errno;

    free(book->text);
    if (book->file >= 0)
        close(book->file);
    if (book->directory >= 0)
        close(book->directory);
    errno = error;
}

/* Leave out lines of processes that are gone, and the one that is named. */
static void
sift(struct book *book, const char *without)
{
    char *to = book->text;

    for (const char *line = book->text; *line != '\0';) {
        size_t length = strcspn(line, "\n") + 1;

        if (line[length - 1] == '\0') /* cut off: not ours */
            break;
        if ((without == NULL || strncmp(line, without, length) != 0) &&
            is_alive(line)) {
            memmove(to, line, length);
            to += length;
        }
        line += length;
    }
    *to = '\0';
}

static int
write_text(const struct book *book)
{
    size_t length = strlen(book->text);

    ssize_t n = pwrite(book->file, book->text, length, 0);

    if (n != (ssize_t)length) {
        if (n >= 0)
            errno = ENOSPC;
        return -1;
    }
    return ftruncate(book->file, (off_t)length);
}

int
logins_add(uid_t uid, unsigned seconds, struct login *login)
{
    struct timespec now;
    struct book book;
    bool alone;
    int result = open_book(&book, uid, seconds);

    if (result == 0) {
        /* A process may open several: the time tells them apart. */
        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(login->line, sizeof(login->line),
                 "%d %" PRIu64 " %lld.%09ld\n", (int)getpid(),
                 process_begin(getpid()), (long long)now.tv_sec, now.tv_nsec);
        sift(&book, NULL);
        alone = book.text[0] == '\0';
        strcat(book.text, login->line);
        result = write_text(&book);
        if (result != 0 && alone) { /* a full disk: nobody would remove it */
            int error = errno;

            (void)unlinkat(book.directory, book.name, 0);
            errno = error;
        }
    }
    close_book(&book);
    return result;
}

int
logins_remove(uid_t uid, unsigned seconds, const struct login *login,
              void (*on_last)(void *context), void *context)
{
    struct book book;
    int result = open_book(&book, uid, seconds);

    if (result == 0) {
        sift(&book, login->line);
        if (book.text[0] != '\0') {
            result = write_text(&book);
        } else {
            on_last(context);
            result = unlinkat(book.directory, book.name, 0);
        }
    }
    close_book(&book);
    return result;
}
