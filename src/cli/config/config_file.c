/*
 * Reading an AWS file, and looking things up in it: see config_file.h. Part
 * of aws-session, runs as the user. Never writes a file.
 */
#include "config_file.h"

#include "config_parse.h"
#include "config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read all of fd into text; size is what fstat said. */
static int
read_all(int fd, size_t size, struct secret *text)
{
    if (secret_reserve(text, size + 1) != 0)
        return -1;
    /* It may have grown since: read until the end, or until it is too long. */
    for (;;) {
        ssize_t got;

        if (text->length == text->capacity &&
            secret_reserve(text, text->capacity * 2) != 0)
            return -1;
        got = read(fd, text->data + text->length,
                   text->capacity - text->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        text->length += (size_t)got;
        if (got == 0 || text->length > CONFIG_FILE_MAX)
            break;
    }
    text->data[text->length] = '\0';
    return 0;
}

static int
too_long(const char *path, struct report *report)
{
    return report_set(
        report,
        "%.400s: longer than 1 MiB, so it is hardly an AWS file; "
        "name another one or shorten it",
        path);
}

static int
unreadable(const char *path, int error, struct report *report)
{
    return report_set(
        report,
        "%.400s: cannot be read: %s; correct its owner or mode (ls "
        "-l), or name another file in AWS_CONFIG_FILE or "
        "AWS_SHARED_CREDENTIALS_FILE",
        path, strerror(error));
}

/* Returns 1 if the text was read, 0 if there is no file, -1 on an error. */
static int
read_file(struct config_file *file, const char *path, struct report *report)
{
    /* Nothing here may wait for the other end of a pipe. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat status;
    int result = 0;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (fd < 0 && (errno == ENXIO || errno == ENODEV)) {
        file->is_no_file = true;
        return 0;
    }
    if (fd < 0)
        return unreadable(path, errno, report);
    if (fstat(fd, &status) != 0) {
        result = unreadable(path, errno, report);
    } else if (!S_ISREG(status.st_mode)) {
        file->is_no_file = true;
    } else if (status.st_size > CONFIG_FILE_MAX) {
        result = too_long(path, report);
    } else if (read_all(fd, (size_t)status.st_size, &file->text) != 0) {
        result = unreadable(path, errno, report);
    } else if (file->text.length > CONFIG_FILE_MAX) {
        result = too_long(path, report);
    } else {
        result = 1;
    }
    close(fd);
    return result;
}

/* The text is there: the rest of loading and parsing. */
static int
parse_text(struct config_file *file, const char *name, struct report *report)
{
    file->path = strdup(name);
    if (file->path == NULL)
        return report_set(report, "%s: out of memory", name);
    return config_parse(file, name, report);
}

int
config_file_load(struct config_file *file, const char *path,
                 struct report *report)
{
    int status;

    *file = (struct config_file){0};
    status = read_file(file, path, report);
    if (status > 0)
        status = parse_text(file, path, report);
    if (status < 0)
        config_file_free(file);
    return status;
}

int
config_file_parse(struct config_file *file, const char *name, const char *text,
                  size_t length, struct report *report)
{
    int status;

    *file = (struct config_file){0};
    if (length > CONFIG_FILE_MAX)
        status = too_long(name, report);
    else if (secret_set(&file->text, text, length) != 0)
        status = report_set(report, "%s: out of memory", name);
    else
        status = parse_text(file, name, report);
    if (status < 0)
        config_file_free(file);
    return status;
}

static const struct config_entry *
find_entry(const struct config_entry *entries, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i].key, key) == 0)
            return &entries[i];
    }
    return NULL;
}

const struct config_entry *
config_section_find(const struct config_section *section, const char *key)
{
    const struct config_entry *entry;

    if (section == NULL)
        return NULL;
    entry = find_entry(section->entries, section->entry_count, key);
    if (entry == NULL)
        entry = find_entry(section->defaults, section->default_count, key);
    return entry;
}

const char *
config_section_get(const struct config_section *section, const char *key)
{
    const struct config_entry *entry = config_section_find(section, key);

    return entry != NULL ? entry->value : NULL;
}

int
config_nested_get(const char *block, const char *name, char *buffer,
                  size_t size)
{
    /* The helpers take writable text; nothing is written through them. */
    struct config_span rest = {(char *)(uintptr_t)block, NULL};
    struct config_span line;
    int result = -1;

    rest.end = rest.begin + strlen(block);
    while (config_text_next_line(&rest, &line)) {
        struct config_span key = line;
        struct config_span value = line;
        char *equals = memchr(line.begin, '=',
                              (size_t)(line.end - line.begin));
        size_t length;

        if (equals == NULL)
            continue;
        key.end = equals;
        value.begin = equals + 1;
        key = config_text_trim(key);
        value = config_text_trim(value);
        length = (size_t)(key.end - key.begin);
        if (strlen(name) != length || memcmp(key.begin, name, length) != 0)
            continue;
        length = (size_t)(value.end - value.begin);
        result = -1;
        if (length < size) {
            memcpy(buffer, value.begin, length);
            buffer[length] = '\0';
            result = (int)length;
        }
    }
    return result;
}

void
config_file_free(struct config_file *file)
{
    free(file->path);
    free(file->sections);
    free(file->entries);
    free(file->defaults);
    secret_free(&file->text);
    *file = (struct config_file){0};
}
