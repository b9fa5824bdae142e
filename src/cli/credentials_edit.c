/*
 * An access key out of a file: see credentials_edit.h. Part of aws-session.
 */
#include "credentials_edit.h"

#include "config_file.h"
#include "fault_point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_TRIES = 200, LOCK_PAUSE = 50 /* ms */, ACL_MAX = 65536 };

static const char acl_name[] = "system.posix_acl_access";

/* A file that is being edited. Initialise with EDIT_NONE. */
struct edit {
    char *path;       /* without symbolic links */
    const char *name; /* its last part */
    char *new_name;   /* of the file that takes its place */
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
                          "%.400s is no regular file, so no key can "
                          "be taken out of it",
                          path);
    if (status->st_uid != geteuid())
        return report_set(report,
                          "%.400s belongs to user id %u, and you are %u: let "
                          "its owner import the key, or use --keep",
                          path, (unsigned)status->st_uid, (unsigned)geteuid());
    if ((status->st_mode & S_IWUSR) == 0)
        return report_set(report,
                          "%.400s is read-only: allow writing (chmod u+w), "
                          "or use --keep",
                          path);
    if (status->st_nlink > 1)
        return report_set(report,
                          "%.400s has %lu names (hard links), and the key "
                          "would stay under the others: remove them, or use "
                          "--keep",
                          path, (unsigned long)status->st_nlink);
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

static int
write_all(int fd, const struct secret *text)
{
    size_t done = 0;

    while (done < text->length) {
        ssize_t n = write(fd, text->data + done, text->length - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return fsync(fd);
}

/*
 * Give the new file owner, mode and ACL of the old one. A default ACL of the
 * directory, which it may have inherited, would let others read it.
 */
static int
copy_access(const struct edit *edit, int fd)
{
    const struct stat *status = &edit->status;
    char acl[ACL_MAX];
    ssize_t length = fgetxattr(edit->fd, acl_name, acl, sizeof(acl));

    if (length < 0 && errno != ENODATA && errno != EOPNOTSUPP)
        return -1;
    if (fchown(fd, status->st_uid, status->st_gid) != 0)
        return -1;
    if (length < 0 && fremovexattr(fd, acl_name) != 0 && errno != ENODATA &&
        errno != EOPNOTSUPP)
        return -1;
    if (fchmod(fd, status->st_mode & 07777) != 0)
        return -1;
    return length < 0 ? 0 : fsetxattr(fd, acl_name, acl, (size_t)length, 0);
}

/* The new file under new_name: first without a name where that is possible,
 * so that nothing stays behind if we are killed. */
static int
make_new(const struct edit *edit, const struct secret *text)
{
    char link[64];
    int fd = openat(edit->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC,
                    0600);
    bool is_named = fd < 0;
    int result = -1, error;

    if (is_named)
        fd = openat(edit->directory, edit->new_name,
                    O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
                    0600);
    if (fd < 0)
        return -1;
    fault_point("the new file is made");
    if (copy_access(edit, fd) == 0 && write_all(fd, text) == 0) {
        fault_point("the new file is written");
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        result = is_named ? 0
                          : linkat(AT_FDCWD, link, edit->directory,
                                   edit->new_name, AT_SYMLINK_FOLLOW);
    }
    error = errno;
    close(fd);
    errno = error;
    return result;
}

/* Replace the file by one with this text. */
static int
edit_write(struct edit *edit, const struct secret *text, struct report *report)
{
    struct secret again = {0};
    int result = -1;

    /* Left behind by one of us that was killed: we have the lock. */
    (void)unlinkat(edit->directory, edit->new_name, 0);
    if (make_new(edit, text) != 0) {
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
    /* If this is lost with the power, the old file is back, and the next
     * import takes the key out again. */
    (void)fsync(edit->directory);
    result = 0;
done:
    if (result != 0)
        (void)unlinkat(edit->directory, edit->new_name, 0);
    secret_free(&again);
    return result;
}

int
credentials_edit_check(const char *path, struct report *report)
{
    struct edit edit = EDIT_NONE;
    int result = edit_find(&edit, path, report);

    edit_free(&edit);
    return result;
}

int
credentials_edit_remove(const char *path, const struct credentials_pair *pair,
                        struct report *report)
{
    struct edit edit = EDIT_NONE;
    struct secret text = {0};
    int result = -1;

    if (edit_find(&edit, path, report) != 0 || edit_lock(&edit, report) != 0 ||
        edit_read(&edit, &edit.text, report) != 0)
        goto done;
    switch (
        credentials_text_remove(edit.path, &edit.text, pair, &text, report)) {
    case CREDENTIALS_FOUND:
        result = edit_write(&edit, &text, report);
        break;
    case CREDENTIALS_GONE:
        result = 0;
        break;
    case CREDENTIALS_FAILED:
        break;
    }
done:
    secret_free(&text);
    edit_free(&edit);
    return result;
}
