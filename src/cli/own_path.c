/*
 * Where aws-session is: see own_path.h. Part of aws-session.
 */
#include "own_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char link_name[] = "/proc/self/exe";

static bool
is_us(const char *path)
{
    struct stat one, other;

    return access(path, X_OK) == 0 && stat(path, &one) == 0 &&
           stat(link_name, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

int
own_path_find(char path[PATH_MAX], struct report *report)
{
    const char *search = getenv("PATH");
    ssize_t length;

    while (search != NULL && *search != '\0') {
        size_t part = strcspn(search, ":");

        if (*search == '/' && part + sizeof("/aws-session") < PATH_MAX) {
            snprintf(path, PATH_MAX, "%.*s/aws-session", (int)part, search);
            if (is_us(path))
                return 0;
        }
        search += part + (search[part] == ':');
    }
    length = readlink(link_name, path, PATH_MAX - 1);
    if (length < 0)
        return report_set(report,
                          "where aws-session is cannot be told: %s: "
                          "%s",
                          link_name, strerror(errno));
    path[length] = '\0';
    return 0;
}
