/*
 * The user's runtime directory: see runtime_dir.h. Part of aws-session.
 */
#include "runtime_dir.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory that is ours and that nobody else can write. */
static bool
is_private(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid() && (st.st_mode & 0022) == 0;
}

int
runtime_dir_find(char *path, size_t size)
{
    snprintf(path, size, "/run/user/%u", (unsigned)geteuid());
    if (is_private(path))
        return 0;
    snprintf(path, size, "/tmp/aws-session-%u", (unsigned)geteuid());
    (void)mkdir(path, 0700);
    return is_private(path) ? 0 : -1;
}
