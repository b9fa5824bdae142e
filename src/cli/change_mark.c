/*
 * The change mark: see change_mark.h. Part of aws-session.
 */
#include "change_mark.h"

#include "runtime_dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char seen[CHANGE_MARK_SIZE];

static int
open_mark(int flags)
{
    char directory[64], path[96];

    if (runtime_dir_find(directory, sizeof(directory)) != 0)
        return -1;
    snprintf(path, sizeof(path), "%s/aws-session-changes", directory);
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

void
change_mark_set(void)
{
    char mark[CHANGE_MARK_SIZE];
    struct timespec now;
    int fd = open_mark(O_WRONLY | O_CREAT);

    if (fd < 0)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    /* Always of one length and by one write: no reader sees half of it. */
    snprintf(mark, sizeof(mark), "%020lld.%09ld\n", (long long)now.tv_sec,
             now.tv_nsec);
    if (pwrite(fd, mark, strlen(mark), 0) == (ssize_t)strlen(mark))
        snprintf(seen, sizeof(seen), "%.*s", (int)strcspn(mark, "\n"), mark);
    close(fd);
}

void
change_mark_read(char mark[CHANGE_MARK_SIZE])
{
    int fd = open_mark(O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, mark, CHANGE_MARK_SIZE - 1);

    mark[n > 0 ? n : 0] = '\0';
    mark[strcspn(mark, "\n")] = '\0';
    if (fd >= 0)
        close(fd);
}

void
change_mark_look(void)
{
    change_mark_read(seen);
}

const char *
change_mark_seen(void)
{
    return seen;
}
