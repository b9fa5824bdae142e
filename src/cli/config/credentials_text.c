/*
 * An access key out of a text: see credentials_text.h. Part of aws-session.
 *
 * Lines are cut and judged as config_parse.c does; that the two agree is
 * checked on every single text, by reading the result.
 */
#include "credentials_text.h"

#include "config_file.h"
#include "config_same.h"
#include "config_text.h"

#include <stdbool.h>
#include <string.h>

static const char *const pair_keys[] = {"aws_access_key_id",
                                        "aws_secret_access_key"};

static const struct config_section *
find_section(const struct config_file *file, const char *name)
{
    for (size_t i = 0; i < file->section_count; i++)
        if (strcmp(file->sections[i].name, name) == 0)
            return &file->sections[i];
    return NULL;
}

/* Copy all lines but those of the two entries. Returns 0, or -1. */
static int
copy_others(const struct secret *text, const struct config_entry *const *out,
            struct secret *result)
{
    char *end = text->data + text->length;
    unsigned line = 0;
    long removed = -1; /* the indentation of what is being taken out */

    for (char *p = text->data, *next; p < end; p = next) {
        long indent;

        next = config_text_line_end(p, end);
        indent = config_text_indent(p, next);
        line++;
        if (line == out[0]->line || line == out[1]->line) {
            removed = indent;
            continue;
        }
        if (removed >= 0 && indent > removed)
            continue;
        if (indent >= 0)
            removed = -1;
        if (secret_append(result, p, (size_t)(next - p)) != 0)
            return -1;
    }
    return 0;
}

static bool
has_pair(const struct config_section *section)
{
    return config_section_own(section, pair_keys[0]) != NULL ||
           config_section_own(section, pair_keys[1]) != NULL;
}

static enum credentials_found
cut(const struct config_file *before, const struct config_section *section,
    const struct secret *text, const struct config_entry *const *out,
    struct secret *result, struct report *report)
{
    const struct config_except except = {section->name, pair_keys, 2};
    struct config_file after = {0};
    struct report ignored;
    enum credentials_found found = CREDENTIALS_FAILED;

    secret_clear(result);
    if (secret_reserve(result, text->length + 1) != 0 ||
        copy_others(text, out, result) != 0)
        report_set(report, "%s: out of memory", before->path);
    else if (config_file_parse(&after, before->path, result->data,
                               result->length, &ignored) != 0 ||
             !config_same_except(before, &after, &except) ||
             after.section_count != before->section_count ||
             has_pair(find_section(&after, section->name)))
        report_set(report,
                   "%s: the access key of [%.100s] (lines %u and %u) cannot "
                   "be taken out without a change to other settings: take it "
                   "out with an editor",
                   before->path, section->name, out[0]->line, out[1]->line);
    else
        found = CREDENTIALS_FOUND;
    config_file_free(&after);
    return found;
}

enum credentials_found
credentials_text_remove(const char *name, const struct secret *text,
                        const struct credentials_pair *pair,
                        struct secret *result, struct report *report)
{
    struct config_file before;
    const struct config_section *section;
    const struct config_entry *out[2];
    enum credentials_found found = CREDENTIALS_FAILED;

    if (config_file_parse(&before, name, text->data, text->length, report) !=
        0)
        return CREDENTIALS_FAILED;
    section = find_section(&before, pair->section);
    for (int i = 0; i < 2; i++)
        out[i] = config_section_own(section, pair_keys[i]);
    if (out[0] == NULL && out[1] == NULL)
        found = CREDENTIALS_GONE;
    else if (out[0] == NULL || out[1] == NULL ||
             strcmp(out[0]->value, pair->access_key_id) != 0 ||
             strcmp(out[1]->value, pair->secret_access_key) != 0)
        report_set(report,
                   "%s: the access key of [%.100s] was changed meanwhile, "
                   "and is left as it is: try again",
                   name, pair->section);
    else
        found = cut(&before, section, text, out, result, report);
    config_file_free(&before);
    return found;
}
