/*
 * The user's own settings: see user_config.h. Part of aws-session. Never
 * writes the file.
 */
#include "user_config.h"

#include "config/config_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

/* Whether we are root and the directory is not: root reads nothing where
 * another user's links lead to. */
static bool
is_not_roots(const char *directory)
{
    struct stat status;

    return getuid() == 0 && directory != NULL &&
           stat(directory, &status) == 0 && status.st_uid != 0;
}

/* The path, freed by the caller; NULL if there is no home. The variable must
 * be absolute (XDG Base Directory Specification). */
static char *
find_path(void)
{
    static const char below[] = "aws-session/config";
    const char *directory = getenv("XDG_CONFIG_HOME");
    char *path = NULL;
    struct report ignored;

    if (directory == NULL || directory[0] != '/')
        directory = NULL;
    /* sudo may have kept the caller's variables. */
    if (is_not_roots(directory != NULL ? directory : getenv("HOME")))
        return NULL;
    if (directory != NULL) {
        if (asprintf(&path, "%s/%s", directory, below) < 0)
            return NULL;
    } else {
        (void)config_path_find("", "~/.config/aws-session/config", &path,
                               &ignored);
    }
    return path;
}

/* Cut blanks off both ends. */
static char *
trim(char *text)
{
    size_t length;

    text += strspn(text, " \t\r\n");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    text[length] = '\0';
    return text;
}

/* One line. Returns 0, or -1 with the report filled. */
static int
read_line(struct user_config *config, const char *where, char *line,
          struct report *report)
{
    char *value;

    line = trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    value = strchr(line, '=');
    if (value == NULL)
        return report_set(report, "%s: a line is not of the form NAME = VALUE",
                          where);
    *value++ = '\0';
    value = trim(value);
    if (strcmp(trim(line), "shell") != 0)
        return report_set(report, "%s: no setting is called \"%.80s\"", where,
                          line);
    if (value[0] != '/' || strlen(value) >= sizeof(config->shell))
        return report_set(report, "%s: shell takes the path of a shell",
                          where);
    snprintf(config->shell, sizeof(config->shell), "%s", value);
    return 0;
}

/* Whether nobody else decides for the user. */
static int
check_trust(int fd, const char *path, struct report *report)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        return report_set(report, "%.400s: %s", path, strerror(errno));
    if (!S_ISREG(file.st_mode))
        return report_set(report, "%.400s is not a regular file", path);
    if ((file.st_uid != getuid() && file.st_uid != 0) ||
        (file.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return report_set(report,
                          "%.400s is not trusted: it must be yours and "
                          "writable by nobody else (chmod 600)",
                          path);
    return 0;
}

int
user_config_read(struct user_config *config, FILE *file, const char *path,
                 struct report *report)
{
    char line[LINE_SIZE], where[500];
    int result = 0;

    *config = (struct user_config){0};
    for (unsigned number = 1;
         result == 0 && fgets(line, sizeof(line), file) != NULL; number++) {
        snprintf(where, sizeof(where), "%.400s line %u", path, number);
        /* Its rest would be read as a line of its own. */
        result = strlen(line) == sizeof(line) - 1 &&
                         line[sizeof(line) - 2] != '\n'
                     ? report_set(report, "%s is too long", where)
                     : read_line(config, where, line, report);
    }
    if (result == 0 && ferror(file))
        result = report_set(report, "%.400s: %s", path, strerror(errno));
    if (result != 0)
        *config = (struct user_config){0};
    return result;
}

static int
read_file(struct user_config *config, const char *path, struct report *report)
{
    FILE *file;
    int result;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (fd < 0)
        return report_set(report, "%.400s: %s", path, strerror(errno));
    file = fdopen(fd, "r");
    if (file == NULL) {
        close(fd);
        return report_set(report, "%.400s: %s", path, strerror(errno));
    }
    result = check_trust(fd, path, report);
    if (result == 0)
        result = user_config_read(config, file, path, report);
    fclose(file);
    return result;
}

int
user_config_load(struct user_config *config, struct report *report)
{
    char *path = find_path();
    int result = 0;

    *config = (struct user_config){0};
    if (path != NULL)
        result = read_file(config, path, report);
    free(path);
    return result;
}
