/*
 * One pass over the text of an AWS file: see config_parse.h. Part of
 * aws-session, runs as the user.
 *
 * The rules are those of Python's configparser.RawConfigParser as botocore
 * calls it. The text is cut in place: a key, a value or a name only ever gets
 * shorter than its source, so a NUL always fits where a delimiter or the end
 * of the line was. No report quotes a line: it could hold a secret key.
 */
#include "config_parse.h"

#include "config_text.h"
#include "name_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Which section a name belongs to, for finding duplicates. */
static const size_t OF_FILE = SIZE_MAX;        /* a section's own name */
static const size_t OF_DEFAULT = SIZE_MAX - 1; /* a key of [DEFAULT] */

/* Entries while their number is not known yet. */
struct entries {
    struct config_entry *items;
    size_t count;
    size_t room;
};

struct parser {
    struct config_file *file;
    const char *name;
    struct report *report;
    struct name_set seen;
    struct entries entries;
    struct entries defaults;
    size_t section_room;
    unsigned line;
    bool in_section;
    bool in_defaults;           /* the section is [DEFAULT] */
    size_t indent;              /* of the last key or header, characters */
    struct config_entry *entry; /* that a continuation line would extend */
    char *value_end;            /* of entry */
    size_t blank_lines;         /* since value_end */
};

static int
no_memory(struct parser *parser)
{
    return report_set(parser->report, "%s: out of memory", parser->name);
}

static struct config_entry *
entries_add(struct entries *entries)
{
    if (entries->count == entries->room) {
        size_t room = entries->room > 0 ? entries->room * 2 : 32;
        struct config_entry *items = reallocarray(entries->items, room,
                                                  sizeof(*items));

        if (items == NULL)
            return NULL;
        entries->items = items;
        entries->room = room;
    }
    return &entries->items[entries->count++];
}

static struct config_section *
section_add(struct parser *parser)
{
    struct config_file *file = parser->file;

    if (file->section_count == parser->section_room) {
        size_t room = parser->section_room > 0 ? parser->section_room * 2 : 16;
        struct config_section *sections = reallocarray(file->sections, room,
                                                       sizeof(*sections));

        if (sections == NULL)
            return NULL;
        file->sections = sections;
        parser->section_room = room;
    }
    return &file->sections[file->section_count++];
}

static int
parse_header(struct parser *parser, struct config_span name)
{
    struct config_section *section;
    int added;

    *name.end = '\0';
    parser->in_section = true;
    parser->entry = NULL;
    /* configparser's magic section: it may even come several times. */
    parser->in_defaults = strcmp(name.begin, "DEFAULT") == 0;
    if (parser->in_defaults)
        return 0;
    added = name_set_add(&parser->seen, name.begin, OF_FILE);
    if (added == 0)
        return report_set(
            parser->report,
            "%s, line %u: a second section [%.100s]; the AWS CLI "
            "refuses such a file too: join the two",
            parser->name, parser->line, name.begin);
    section = added > 0 ? section_add(parser) : NULL;
    if (section == NULL)
        return no_memory(parser);
    *section = (struct config_section){.name = name.begin,
                                       .line = parser->line};
    return 0;
}

static void
key_fold(struct config_span key)
{
    *key.end = '\0';
    for (char *p = key.begin; p < key.end; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
}

static int
parse_entry(struct parser *parser, struct config_span line)
{
    struct config_file *file = parser->file;
    struct config_span key = line;
    struct config_span value = line;
    char *delimiter = line.begin;
    int added;

    while (delimiter < line.end && *delimiter != '=' && *delimiter != ':')
        delimiter++;
    if (delimiter == line.end)
        return report_set(parser->report,
                          "%s, line %u: neither a [section] nor key = value; "
                          "correct the line or put # before it",
                          parser->name, parser->line);
    key.end = delimiter;
    value.begin = delimiter + 1;
    key = config_text_trim(key);
    value = config_text_trim(value);
    if (key.begin == key.end)
        return report_set(parser->report,
                          "%s, line %u: no key before the delimiter; correct "
                          "the line or put # before it",
                          parser->name, parser->line);
    key_fold(key);
    added = name_set_add(&parser->seen, key.begin,
                         parser->in_defaults ? OF_DEFAULT
                                             : file->section_count);
    if (added == 0)
        return report_set(
            parser->report,
            "%s, line %u: a second %.100s in the same section; the "
            "AWS CLI refuses such a file too: remove one",
            parser->name, parser->line, key.begin);
    parser->entry = added > 0
                        ? entries_add(parser->in_defaults ? &parser->defaults
                                                          : &parser->entries)
                        : NULL;
    if (parser->entry == NULL)
        return no_memory(parser);
    *value.end = '\0';
    *parser->entry = (struct config_entry){
        .key = key.begin, .value = value.begin, .line = parser->line};
    parser->value_end = value.end;
    parser->blank_lines = 0;
    if (!parser->in_defaults)
        file->sections[file->section_count - 1].entry_count++;
    return 0;
}

/* Every line of a nested block must be "k = v", as botocore reads it. */
static int
check_nested(struct parser *parser, struct config_span rest)
{
    struct config_span line;

    while (config_text_next_line(&rest, &line)) {
        line = config_text_trim(line);
        if (line.begin == line.end)
            continue;
        if (memchr(line.begin, '=', (size_t)(line.end - line.begin)) == NULL)
            return report_set(
                parser->report,
                "%s, line %u: this indented line belongs to %.100s "
                "(line %u) and is no name = value; correct it, "
                "or remove the blanks before it",
                parser->name, parser->line, parser->entry->key,
                parser->entry->line);
    }
    return 0;
}

static int
parse_continuation(struct parser *parser, struct config_span line)
{
    size_t length = (size_t)(line.end - line.begin);
    char *to = parser->value_end;

    if (to == parser->entry->value)
        parser->entry->nested = true;
    /* Each of the line ends that we write stood before line.begin. */
    memset(to, '\n', parser->blank_lines + 1);
    to += parser->blank_lines + 1;
    memmove(to, line.begin, length);
    line = (struct config_span){to, to + length};
    *line.end = '\0';
    parser->value_end = line.end;
    parser->blank_lines = 0;
    return parser->entry->nested ? check_nested(parser, line) : 0;
}

/* The name of a section header: all up to the last bracket of the line. */
static bool
header_name(struct config_span line, struct config_span *name)
{
    name->begin = line.begin + 1;
    if (*line.begin != '[' || line.end - line.begin < 3)
        return false;
    name->end = memrchr(name->begin + 1, ']',
                        (size_t)(line.end - name->begin - 1));
    return name->end != NULL;
}

/* Characters, not bytes, that stand before p. */
static size_t
indent_of(const char *begin, const char *p)
{
    size_t indent = 0;

    for (; begin < p; begin++)
        indent += ((unsigned char)*begin & 0xC0) != 0x80;
    return indent;
}

static int
parse_line(struct parser *parser, struct config_span line)
{
    struct config_span content = config_text_trim(line);
    struct config_span name;
    size_t indent;

    if (content.begin == content.end) {
        parser->blank_lines++;
        return 0;
    }
    if (*content.begin == '#' || *content.begin == ';')
        return 0;
    indent = indent_of(line.begin, content.begin);
    if (parser->entry != NULL && indent > parser->indent)
        return parse_continuation(parser, content);
    parser->indent = indent;
    if (header_name(content, &name))
        return parse_header(parser, name);
    if (!parser->in_section)
        return report_set(parser->report,
                          "%s, line %u: text before the first [section]; "
                          "put a line like [default] before it",
                          parser->name, parser->line);
    return parse_entry(parser, content);
}

/* What no line of the file may hold. */
static int
check_bytes(struct parser *parser)
{
    const struct secret *text = &parser->file->text;
    size_t valid = config_text_valid(text->data, text->length);
    unsigned line = 1;

    if (text->length >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0)
        return report_set(parser->report,
                          "%s, line 1: a byte order mark; the AWS CLI refuses "
                          "such a file too: save it as UTF-8 without one",
                          parser->name);
    if (valid == text->length)
        return 0;
    for (size_t i = 0; i < valid; i++)
        line += text->data[i] == '\n' ||
                (text->data[i] == '\r' && text->data[i + 1] != '\n');
    if (text->data[valid] == '\0')
        return report_set(parser->report,
                          "%s, line %u: a NUL byte, so this is no text file; "
                          "remove it, or name another file",
                          parser->name, line);
    return report_set(parser->report,
                      "%s, line %u: not UTF-8; the AWS CLI refuses such a "
                      "file too: save it as UTF-8",
                      parser->name, line);
}

/* Hand the entries to their sections, now that they do not move any more. */
static void
finish(struct parser *parser)
{
    struct config_file *file = parser->file;
    size_t first = 0;

    file->entries = parser->entries.items;
    file->defaults = parser->defaults.items;
    for (size_t i = 0; i < file->section_count; i++) {
        struct config_section *section = &file->sections[i];

        if (section->entry_count > 0)
            section->entries = file->entries + first;
        first += section->entry_count;
        section->defaults = file->defaults;
        section->default_count = parser->defaults.count;
    }
    name_set_free(&parser->seen);
}

int
config_parse(struct config_file *file, const char *name, struct report *report)
{
    struct parser parser = {.file = file, .name = name, .report = report};
    char *p = file->text.data;
    char *end = p + file->text.length;
    int status = 0;

    if (file->text.length > 0)
        status = check_bytes(&parser);
    while (status == 0 && p < end) {
        struct config_span line = {p, p};

        while (line.end < end && *line.end != '\n' && *line.end != '\r')
            line.end++;
        p = line.end + 1;
        if (p < end && *line.end == '\r' && *p == '\n')
            p++;
        parser.line++;
        status = parse_line(&parser, line);
    }
    finish(&parser);
    return status;
}
