/*
 * The grammar of ~/.aws/config and ~/.aws/credentials.
 *
 * Part of aws-session, runs as the user. Parses text and nothing else: what
 * sections and keys mean is config.h's business. Follows what the AWS CLI
 * does (Python's configparser.RawConfigParser and botocore.configloader), so
 * that a file means the same to both: no inline comments, '=' or ':' as the
 * delimiter, continuation lines by indentation, duplicates are errors.
 *
 * Where we differ on purpose: a file that exists and cannot be read, one over
 * 1 MiB and one with a NUL byte are errors (the CLI ignores the first and
 * reads the others), and only ASCII letters of keys are folded.
 */
#ifndef AWS_SESSION_CONFIG_FILE_H
#define AWS_SESSION_CONFIG_FILE_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>

enum { CONFIG_FILE_MAX = 1024 * 1024 }; /* bytes */

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
    /* What [DEFAULT] adds to every section of the file: shared, not owned. */
    const struct config_entry *defaults;
    size_t default_count;
};

/*
 * All zero is an empty file. Every string lives in text, whose pages a fork
 * does not inherit: a child sees empty strings.
 */
struct config_file {
    char *path;      /* for reports; NULL when there is no file */
    bool is_no_file; /* path is NULL: something stands there, but no file */
    struct config_section *sections; /* in the order of the file, without
                                        [DEFAULT] */
    size_t section_count;
    struct config_entry *entries;  /* of all sections */
    struct config_entry *defaults; /* of [DEFAULT] */
    struct secret text; /* owns every string: credentials are secrets */
};

/*
 * Read and parse the file at path. A missing file is an empty file, and so is
 * anything but a regular file (a directory, /dev/null, a pipe), as for the AWS
 * CLI; told apart by file->path == NULL and file->is_no_file. Returns 0, or -1
 * with a report that names the file, the line and the remedy: unreadable, over
 * 1 MiB, not UTF-8, a byte order mark, a NUL byte, a line without a section, a
 * duplicate section or key, and so on. The file is empty then.
 */
int config_file_load(struct config_file *file, const char *path,
                     struct report *report);

/* The same for text in memory (not NUL-terminated); name is for reports. */
int config_file_parse(struct config_file *file, const char *name,
                      const char *text, size_t length, struct report *report);

/* A key of a section, NULL if it is not set; section may be NULL. */
const struct config_entry *
config_section_find(const struct config_section *section, const char *key);

/* The value of a key, NULL if it is not set; section may be NULL. */
const char *config_section_get(const struct config_section *section,
                               const char *key);

/*
 * The value of name inside a nested block (name is compared as it stands, the
 * last one wins): writes it to buffer. Returns its length, or -1 if it is not
 * there or does not fit; a buffer of strlen(block) + 1 always fits.
 */
int config_nested_get(const char *block, const char *name, char *buffer,
                      size_t size);

/* Wipe and free. Takes an empty file. */
void config_file_free(struct config_file *file);

#endif
