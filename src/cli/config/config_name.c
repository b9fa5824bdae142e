/*
 * Shell words: see config_name.h. Part of aws-session.
 */
#include "config_name.h"

#include <stdbool.h>
#include <string.h>

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * Copy what stands between quotes; *text is behind the opening one and ends
 * behind the closing one. Returns the end of the copy, NULL if not closed.
 */
static char *
copy_quoted(const char **text, char quote, char *to)
{
    const char *p = *text;

    for (; *p != quote; p++) {
        if (*p == '\0')
            return NULL;
        /* Inside "" a backslash only escapes itself and the quote. */
        if (*p == '\\' && quote == '"' && (p[1] == '"' || p[1] == '\\'))
            p++;
        *to++ = *p;
    }
    *text = p + 1;
    return to;
}

int
config_name_word(const char **text, char *buffer)
{
    const char *p = *text;
    char *to = buffer;

    while (is_blank(*p))
        p++;
    *text = p;
    if (*p == '\0')
        return 0;
    while (*p != '\0' && !is_blank(*p)) {
        char c = *p++;

        if (c == '\'' || c == '"') {
            to = copy_quoted(&p, c, to);
            if (to == NULL)
                return -1;
            continue;
        }
        if (c == '\\') {
            if (*p == '\0')
                return -1;
            c = *p++;
        }
        *to++ = c;
    }
    *to = '\0';
    *text = p;
    return 1;
}

char *
config_name_of(const char *section, const char *kind, char *buffer)
{
    const char *rest = section;

    if (strncmp(section, kind, strlen(kind)) != 0)
        return NULL;
    if (config_name_word(&rest, buffer) != 1 ||
        config_name_word(&rest, buffer) != 1)
        return NULL;
    /* A third word goes where the second one's source was: it fits there. */
    if (config_name_word(&rest, buffer + strlen(buffer) + 1) != 0)
        return NULL;
    return buffer;
}
