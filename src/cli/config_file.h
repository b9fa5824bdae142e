/*
 * The grammar of ~/.aws/config and ~/.aws/credentials.
 *
 * Part of aws-session, runs as the user. Parses text and nothing else: what
 * sections and keys mean is config.h's business. Follows what the AWS CLI
 * does (Python's configparser.RawConfigParser and botocore.configloader), so
 * that a file means the same to both: no inline comments, '=' or ':' as the
 * delimiter, continuation lines by indentation, duplicates are errors.
 */
#ifndef AWS_SESSION_CONFIG_FILE_H
#define AWS_SESSION_CONFIG_FILE_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>

/* One key of a section. Strings point into the file's own memory. */
struct config_entry {
    const char *key;   /* lower case, trimmed */
    const char *value; /* trimmed; "" when set to nothing */
    unsigned line;     /* of the key, from 1 */
    bool nested;       /* the value is a block of indented "k = v" lines */
};

struct config_section {
    const char *name; /* as it stands between the brackets */
    unsigned line;
    struct config_entry *entries;
    size_t entry_count;
};

/* All zero is an empty file. */
struct config_file {
    char *path; /* for reports; NULL when there is no file */
    struct config_section *sections;
    size_t section_count;
    struct secret text; /* owns every string: credentials are secrets */
};

/*
 * Read and parse the file at path. A missing file or a directory is an empty
 * file (as for the AWS CLI), told apart by file->path == NULL. Returns 0, or
 * -1 with a report that names the file, the line and the remedy: unreadable,
 * not a regular file, over 1 MiB, not UTF-8, a byte order mark, a line
 * without a section, a duplicate section or key, and so on.
 */
int config_file_load(struct config_file *file, const char *path,
                     struct report *report);

/* The same for text in memory (not NUL-terminated); name is for reports. */
int config_file_parse(struct config_file *file, const char *name,
                      const char *text, size_t length, struct report *report);

/* The value of a key, NULL if it is not set; section may be NULL. */
const char *config_section_get(const struct config_section *section,
                               const char *key);

/*
 * The value of name inside a nested block (name is compared as it stands):
 * writes it to buffer. Returns its length, or -1 if it is not there or does
 * not fit.
 */
int config_nested_get(const char *block, const char *name, char *buffer,
                      size_t size);

/* Wipe and free. Takes an empty file. */
void config_file_free(struct config_file *file);

#endif
