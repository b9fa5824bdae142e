/*
 * Text as the AWS CLI sees it: which characters are blanks, which bytes are
 * UTF-8.
 *
 * Part of aws-session, runs as the user. The CLI reads its files as Python
 * strings, where str.strip() and str.isspace() know more blanks than C does;
 * a no-break space before a key must mean the same to both.
 */
#ifndef AWS_SESSION_CONFIG_TEXT_H
#define AWS_SESSION_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of text: end is one past its last byte. */
struct config_span {
    char *begin;
    char *end;
};

/* The length in bytes of the blank at p, 0 if there is none; p < end. */
size_t config_text_blank(const char *p, const char *end);

/* Without the blanks at both ends. */
struct config_span config_text_trim(struct config_span span);

/*
 * The next piece of *rest as str.splitlines() cuts it (which also cuts at
 * vertical tab, form feed, U+001C to U+001E, U+0085, U+2028 and U+2029);
 * *rest moves behind it. False at the end.
 */
bool config_text_next_line(struct config_span *rest, struct config_span *line);

/* The end of the line that begins at p, behind its line break. */
char *config_text_line_end(char *p, const char *end);

/* Characters before the text of a line; -1 for one without: blank, comment. */
long config_text_indent(char *begin, char *end);

/* The number of leading bytes that are valid UTF-8 and not NUL. */
size_t config_text_valid(const char *text, size_t length);

#endif
