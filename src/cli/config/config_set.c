/*
 * One key of a profile: see config_set.h. Part of aws-session.
 */
#include "config_set.h"

#include "config.h"
#include "config_name.h"
#include "config_same.h"
#include "config_text.h"
#include "shell_code.h"

#include <stdlib.h>
#include <string.h>

/* Where the new line goes. */
struct place {
    unsigned replaced; /* the number of the line that it replaces; 0: none */
    unsigned after;    /* it comes behind this one; 0: in a new section */
};

static const char *
line_break_of(const struct secret *text)
{
    const char *end = memchr(text->data, '\n', text->length);

    return end != NULL && end > text->data && end[-1] == '\r' ? "\r\n" : "\n";
}

/* The last line that belongs to the entry of line number first. */
static unsigned
last_line_of(const struct secret *text, unsigned first)
{
    char *end = text->data + text->length, *next;
    unsigned line = 0, last = first;
    long own = -1;

    for (char *p = text->data; p < end; p = next) {
        long indent;

        next = config_text_line_end(p, end);
        indent = config_text_indent(p, next);
        if (++line < first || indent < 0)
            continue;
        if (line == first)
            own = indent;
        else if (indent <= own)
            break;
        else
            last = line;
    }
    return last;
}

static struct place
find_place(const struct secret *text, const struct config_section *section,
           const struct config_entry *entry)
{
    const struct config_entry *last;

    if (entry != NULL)
        return (struct place){.replaced = entry->line};
    if (section == NULL)
        return (struct place){0};
    if (section->entry_count == 0)
        return (struct place){.after = section->line};
    last = &section->entries[section->entry_count - 1];
    return (struct place){.after = last_line_of(text, last->line)};
}

/* Add "KEY = VALUE", with the blanks that stand before the old one. */
static int
add_line(struct secret *result, const struct config_setting *setting,
         const char *indent, size_t indent_length, const char *line_break)
{
    if (secret_append(result, indent, indent_length) != 0 ||
        secret_append_string(result, setting->key) != 0 ||
        secret_append_string(result, " = ") != 0 ||
        secret_append_string(result, setting->value) != 0)
        return -1;
    return secret_append_string(result, line_break);
}

/* Whether the section may be written without quotes, which only AWS's own
 * tools for Python understand. */
static bool
is_plain_section(const char *profile)
{
    size_t size = strlen(profile) + sizeof("profile ");
    char *section = malloc(size), *name = malloc(size);
    bool plain = false;

    if (section != NULL && name != NULL) {
        strcpy(section, "profile ");
        strcat(section, profile);
        plain = config_name_of(section, "profile", name) != NULL &&
                strcmp(name, profile) == 0;
    }
    free(section);
    free(name);
    return plain;
}

static int
add_section(struct secret *result, const struct config_setting *setting,
            const char *line_break)
{
    const char *profile = setting->profile;

    if (result->length > 0 && secret_append_string(result, line_break) != 0)
        return -1;
    if (strcmp(profile, "default") == 0) {
        if (secret_append_string(result, "[default") != 0)
            return -1;
    } else if (secret_append_string(result, "[profile ") != 0 ||
               (is_plain_section(profile)
                    ? secret_append_string(result, profile)
                    : shell_code_word(result, SHELL_POSIX, profile)) != 0) {
        return -1;
    }
    if (secret_append_string(result, "]") != 0 ||
        secret_append_string(result, line_break) != 0)
        return -1;
    return add_line(result, setting, "", 0, line_break);
}

/* Copy the text with the new line in its place. Returns 0, or -1. */
static int
copy_with(const struct secret *text, const struct config_setting *setting,
          const struct place *place, struct secret *result)
{
    const char *line_break = line_break_of(text);
    char *end = text->data + text->length, *next;
    unsigned line = 0;
    long replaced = -1; /* the indentation of what is being replaced */

    for (char *p = text->data; p < end; p = next) {
        long indent;

        next = config_text_line_end(p, end);
        indent = config_text_indent(p, next);
        if (++line == place->replaced) {
            replaced = indent;
            if (add_line(result, setting, p, strspn(p, " \t"), line_break) !=
                0)
                return -1;
            continue;
        }
        if (replaced >= 0 && indent > replaced)
            continue;
        if (indent >= 0)
            replaced = -1;
        if (secret_append(result, p, (size_t)(next - p)) != 0)
            return -1;
        /* The last line may have no end. */
        if (next == end && p < end && end[-1] != '\n' && end[-1] != '\r' &&
            place->replaced == 0 && secret_append_string(result, line_break))
            return -1;
        if (line == place->after &&
            add_line(result, setting, "", 0, line_break) != 0)
            return -1;
    }
    return place->replaced == 0 && place->after == 0
               ? add_section(result, setting, line_break)
               : 0;
}

/* Read the result: the key is there, and nothing else is another. */
static bool
is_right(const struct config *before, const struct config_setting *setting,
         const struct secret *result)
{
    struct config after = {0};
    struct report ignored;
    const struct config_section *section;
    const char *value;
    bool right = false;

    if (config_file_parse(&after.config, "", result->data, result->length,
                          &ignored) == 0 &&
        config_index(&after, &ignored) == 0) {
        section = config_section(&after, setting->profile, false);
        value = config_section_get(section, setting->key);
        right = value != NULL && strcmp(value, setting->value) == 0 &&
                config_same_except(
                    &before->config, &after.config,
                    &(struct config_except){section->name, &setting->key, 1});
    }
    config_free(&after);
    return right;
}

static enum edit_outcome
set(const char *name, const struct config *before, const struct secret *text,
    const struct config_setting *setting, struct secret *result,
    struct report *report)
{
    const struct config_section *section = config_section(
        before, setting->profile, false);
    const struct config_entry *entry = config_section_own(section,
                                                          setting->key);
    struct place place;

    if (entry != NULL && strcmp(entry->value, setting->value) == 0)
        return EDIT_SAME;
    if (entry != NULL && (setting->former == NULL ||
                          strcmp(entry->value, setting->former) != 0)) {
        report_set(report,
                   "%s: %s of profile %.100s was changed meanwhile, and is "
                   "left as it is: try again",
                   name, setting->key, setting->profile);
        return EDIT_FAILED;
    }
    place = find_place(text, section, entry);
    secret_clear(result);
    if (secret_reserve(result, text->length + 1) != 0 ||
        copy_with(text, setting, &place, result) != 0)
        report_set(report, "%s: out of memory", name);
    else if (!is_right(before, setting, result))
        report_set(report,
                   "%s: %s of profile %.100s cannot be set without a change "
                   "to other settings: set it with an editor",
                   name, setting->key, setting->profile);
    else
        return EDIT_CHANGED;
    return EDIT_FAILED;
}

enum edit_outcome
config_set_edit(const char *name, const struct secret *text, const void *what,
                struct secret *result, struct report *report)
{
    struct config before = {0};
    enum edit_outcome outcome = EDIT_FAILED;

    if (config_file_parse(&before.config, name, text->data, text->length,
                          report) == 0 &&
        config_index(&before, report) == 0)
        outcome = set(name, &before, text, what, result, report);
    config_free(&before);
    return outcome;
}
