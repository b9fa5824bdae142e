/*
 * A new file like an old one: see file_new.h. Part of aws-session.
 */
#include "file_new.h"

#include "fault_point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { ACL_MAX = 65536 };

static const char acl_name[] = "system.posix_acl_access";

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
copy_access(int fd, int like, const struct stat *status)
{
    char acl[ACL_MAX];
    ssize_t length = fgetxattr(like, acl_name, acl, sizeof(acl));

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

int
file_new_make(int directory, const char *name, int like,
              const struct stat *status, const struct secret *text)
{
    char link[64];
    int fd = openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    bool is_named = fd < 0;
    int result = -1, error;

    if (is_named)
        fd = openat(directory, name,
                    O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
                    0600);
    if (fd < 0)
        return -1;
    fault_point("the new file is made");
    if (copy_access(fd, like, status) == 0 && write_all(fd, text) == 0) {
        fault_point("the new file is written");
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        result = is_named ? 0
                          : linkat(AT_FDCWD, link, directory, name,
                                   AT_SYMLINK_FOLLOW);
    }
    error = errno;
    close(fd);
    errno = error;
    return result;
}
