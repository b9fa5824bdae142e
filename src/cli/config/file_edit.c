/*
 * A file by a new one: see file_edit.h. Part of aws-session.
 */
#include "file_edit.h"

#include "config_file.h"
#include "fault_point.h"
#include "file_new.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_TRIES = 200, LOCK_PAUSE = 50 /* ms */ };

/* A file that is being edited. Initialise with EDIT_NONE. */
struct edit {
    char *path;       /* without symbolic links */
    const char *name; /* its last part */
    char *new_name;   /* of the file that takes its place */
    const char *otherwise;
    int directory;
    int fd; /* locked */
    struct stat status;
    struct secret text;
};

#define EDIT_NONE                                                             \
    {                                                                         \
        .directory = -1, .fd = -1                                             \
    }

static int
unchanged(const struct edit *edit, const char *doing, struct report *report)
{
    return report_set(report, "%.400s was not changed: %s: %s", edit->path,
                      doing, strerror(errno));
}

/* Refuse what cannot be replaced by another file that is the same. */
static int
check_status(const struct edit *edit, struct report *report)
{
    const struct stat *status = &edit->status;
    const char *path = edit->path;

    if (!S_ISREG(status->st_mode))
        return report_set(report,
                          "%.400s is no regular file, so it cannot be "
                          "edited",
                          path);
    if (status->st_uid != geteuid())
        return report_set(report,
                          "%.400s belongs to user id %u, and you are %u: let "
                          "its owner do it%s",
                          path, (unsigned)status->st_uid, (unsigned)geteuid(),
                          edit->otherwise);
    if ((status->st_mode & S_IWUSR) == 0)
        return report_set(report,
                          "%.400s is read-only: allow writing (chmod u+w)%s",
                          path, edit->otherwise);
    if (status->st_nlink > 1)
        return report_set(report,
                          "%.400s has %lu names (hard links), and under the "
                          "others it would stay as it is: remove them%s",
                          path, (unsigned long)status->st_nlink,
                          edit->otherwise);
    return 0;
}

/* Find the file and its directory, and judge them. */
static int
edit_find(struct edit *edit, const char *path, struct report *report)
{
    char *slash;

    edit->path = realpath(path, NULL);
    if (edit->path == NULL)
        return report_set(report, "%.400s: %s", path, strerror(errno));
    slash = strrchr(edit->path, '/');
    edit->name = slash + 1;
    if (asprintf(&edit->new_name, ".%s.aws-session-new", edit->name) < 0) {
        edit->new_name = NULL;
        return report_set(report, "out of memory");
    }
    *slash = '\0';
    edit->directory = open(slash == edit->path ? "/" : edit->path,
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *slash = '/';
    if (edit->directory < 0 ||
        fstatat(edit->directory, edit->name, &edit->status,
                AT_SYMLINK_NOFOLLOW) != 0)
        return report_set(report, "%.400s: %s", edit->path, strerror(errno));
    if (check_status(edit, report) != 0)
        return -1;
    if (faccessat(edit->directory, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return unchanged(edit, "no file can be made beside it", report);
    return 0;
}

static void
edit_free(struct edit *edit)
{
    if (edit->fd >= 0)
        close(edit->fd);
    if (edit->directory >= 0)
        close(edit->directory);
    free(edit->path);
    free(edit->new_name);
    secret_free(&edit->text);
}

/* Whether the name still stands for the file that we opened and judged. */
static bool
is_current(const struct edit *edit)
{
    const struct stat *was = &edit->status;
    struct stat now;

    return fstatat(edit->directory, edit->name, &now, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           now.st_dev == was->st_dev && now.st_ino == was->st_ino &&
           now.st_size == was->st_size && now.st_mode == was->st_mode &&
           now.st_uid == was->st_uid && now.st_gid == was->st_gid &&
           now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

/*
 * Open the file and lock it; it may be replaced while we wait, by another one
 * of us. A file system without locks is no reason to give up.
 */
static int
edit_lock(struct edit *edit, struct report *report)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE * 1000000L};

    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (edit->fd < 0)
            edit->fd = openat(edit->directory, edit->name,
                              O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
                                  O_CLOEXEC);
        if (edit->fd < 0)
            return unchanged(edit, "opening it", report);
        if (flock(edit->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            nanosleep(&pause, NULL);
            continue;
        }
        if (fstat(edit->fd, &edit->status) == 0 && is_current(edit))
            return check_status(edit, report);
        close(edit->fd);
        edit->fd = -1;
    }
    return report_set(report,
                      "%.400s was not changed: another program has locked it: "
                      "try again",
                      edit->path);
}

/* Read all of the locked file into text. */
static int
edit_read(const struct edit *edit, struct secret *text, struct report *report)
{
    size_t size = (size_t)edit->status.st_size;
    ssize_t got = 0;

    secret_clear(text);
    if (size > CONFIG_FILE_MAX || secret_reserve(text, size + 1) != 0) {
        errno = size > CONFIG_FILE_MAX ? EFBIG : ENOMEM;
        return unchanged(edit, "reading it", report);
    }
    while (text->length <= size) {
        got = pread(edit->fd, text->data + text->length,
                    size + 1 - text->length, (off_t)text->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        text->length += (size_t)got;
    }
    if (got < 0)
        return unchanged(edit, "reading it", report);
    text->data[text->length] = '\0';
    return 0;
}

/* Replace the file by one with this text. */
static int
edit_write(struct edit *edit, const struct secret *text, struct report *report)
{
    struct secret again = {0};
    int result = -1;

    /* Left behind by one of us that was killed: we have the lock. */
    (void)unlinkat(edit->directory, edit->new_name, 0);
    if (file_new_make(edit->directory, edit->new_name, edit->fd, &edit->status,
                      text) != 0) {
        unchanged(edit, "writing the new file", report);
        goto done;
    }
    fault_point("the new file has a name");
    if (edit_read(edit, &again, report) != 0)
        goto done;
    if (!is_current(edit) || again.length != edit->text.length ||
        memcmp(again.data, edit->text.data, again.length) != 0) {
        report_set(report,
                   "%.400s was changed by another program meanwhile, and is "
                   "left as it is: try again",
                   edit->path);
        goto done;
    }
    if (renameat(edit->directory, edit->new_name, edit->directory,
                 edit->name) != 0) {
        unchanged(edit, "renaming the new file", report);
        goto done;
    }
    fault_point("the new file is in its place");
    /* If this is lost with the power, the old file is back. */
    (void)fsync(edit->directory);
    result = 0;
done:
    if (result != 0)
        (void)unlinkat(edit->directory, edit->new_name, 0);
    secret_free(&again);
    return result;
}

int
file_edit_check(const char *path, const char *otherwise, struct report *report)
{
    struct edit edit = EDIT_NONE;
    int result;

    edit.otherwise = otherwise;
    result = edit_find(&edit, path, report);
    edit_free(&edit);
    return result;
}

/* The directory, if it is missing, as "aws configure" makes it. */
static void
make_directory(const char *path)
{
    char *copy = strdup(path);
    char *slash = copy != NULL ? strrchr(copy, '/') : NULL;

    if (slash != NULL && slash != copy) {
        *slash = '\0';
        (void)mkdir(copy, 0777);
    }
    free(copy);
}

/* An empty file, of ours alone, unless there is one. */
static int
make_empty(const char *path, struct report *report)
{
    int fd;

    make_directory(path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
              0600);
    if (fd < 0)
        return report_set(report, "%.400s cannot be made: %s", path,
                          strerror(errno));
    close(fd);
    return 0;
}

enum edit_outcome
file_edit(const char *path, const struct file_change *change,
          struct report *report)
{
    struct edit edit = EDIT_NONE;
    struct secret text = {0};
    enum edit_outcome outcome = EDIT_FAILED;

    edit.otherwise = change->otherwise;
    if (change->create && access(path, F_OK) != 0 && errno == ENOENT &&
        make_empty(path, report) != 0)
        return EDIT_FAILED;
    if (edit_find(&edit, path, report) == 0 && edit_lock(&edit, report) == 0 &&
        edit_read(&edit, &edit.text, report) == 0)
        outcome = change->edit(edit.path, &edit.text, change->what, &text,
                               report);
    if (outcome == EDIT_CHANGED && edit_write(&edit, &text, report) != 0)
        outcome = EDIT_FAILED;
    secret_free(&text);
    edit_free(&edit);
    return outcome;
}
