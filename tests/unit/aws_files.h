/*
 * A home directory with AWS files for the unit tests of src/cli's config:
 * nothing of the machine (files, variables) may decide what a test sees.
 */
#ifndef AWS_SESSION_TESTS_AWS_FILES_H
#define AWS_SESSION_TESTS_AWS_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char aws_home[64];

/* A new empty home directory, the only thing in the environment. */
static inline int
aws_files_begin(void **state)
{
    char path[96];

    (void)state;
    strcpy(aws_home, "/tmp/aws-session-test-XXXXXX");
    if (mkdtemp(aws_home) == NULL || chmod(aws_home, 0755) != 0)
        return -1;
    snprintf(path, sizeof(path), "%s/.aws", aws_home);
    clearenv();
    return mkdir(path, 0755) | setenv("HOME", aws_home, 1);
}

static inline void
aws_files_path(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", aws_home, name);
}

/* Write a file below the home directory; NULL removes it. */
static inline void
aws_files_write(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    aws_files_path(name, path);
    if (text == NULL) {
        unlink(path);
        return;
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static inline int
aws_files_end(void **state)
{
    static const char *const names[] = {".aws/config", ".aws/credentials",
                                        "other", "fifo", "bundle.pem"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        aws_files_path(names[i], path);
        if (unlink(path) != 0)
            rmdir(path);
    }
    aws_files_path(".aws", path);
    return rmdir(path) | rmdir(aws_home);
}

/* Write "~" for the home directory in a report, so that tests can name it. */
static inline void
aws_files_shorten(char *text)
{
    size_t length = strlen(aws_home);
    char *found;

    while (length > 0 && (found = strstr(text, aws_home)) != NULL) {
        *found = '~';
        memmove(found + 1, found + length, strlen(found + length) + 1);
    }
}

/* Assert that a report has a part, and show the whole of it if not. */
static inline void
assert_report(char *text, const char *part)
{
    aws_files_shorten(text);
    if (strstr(text, part) == NULL)
        fail_msg("the report lacks '%s': %s", part, text);
}

#endif
