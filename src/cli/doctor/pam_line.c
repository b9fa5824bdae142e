/*
 * Lines of PAM files: see pam_line.h. Part of aws-session.
 */
#include "pam_line.h"

#include <string.h>
#include <strings.h>

static const char blanks[] = " \t\r\v\f";

/* Add a part of a line, as far as there is room. */
static size_t
append(struct pam_line *line, size_t used, const char *begin, const char *end)
{
    size_t length = (size_t)(end - begin);

    if (length > sizeof(line->text) - 1 - used)
        length = sizeof(line->text) - 1 - used;
    memcpy(line->text + used, begin, length);
    used += length;
    line->text[used] = '\0';
    return used;
}

/*
 * Join lines that end in a backslash, without comments. A comment ends the
 * line, so a backslash in it means nothing.
 */
static bool
join(struct pam_cursor *cursor, struct pam_line *line)
{
    size_t used = 0;

    line->text[0] = '\0';
    line->number = cursor->number + 1;
    if (cursor->next == cursor->end)
        return false;
    while (cursor->next < cursor->end) {
        const char *begin = cursor->next;
        const char *stop = memchr(begin, '\n', (size_t)(cursor->end - begin));
        const char *end = stop != NULL ? stop : cursor->end;
        const char *comment = memchr(begin, '#', (size_t)(end - begin));

        cursor->next = stop != NULL ? stop + 1 : cursor->end;
        cursor->number++;
        if (comment != NULL)
            end = comment;
        while (end > begin && strchr(blanks, end[-1]) != NULL)
            end--;
        if (comment != NULL || end == begin || end[-1] != '\\') {
            (void)append(line, used, begin, end);
            break;
        }
        used = append(line, used, begin, end - 1);
        used = append(line, used, " ", &" "[1]);
    }
    return true;
}

/* The next word, or a control in brackets with all that is in them. NULL at
 * the end. */
static char *
next_word(char **rest)
{
    char *word = *rest + strspn(*rest, blanks);
    char *end;

    if (*word == '\0')
        return NULL;
    if (*word == '[') {
        end = word + 1;
        while (*end != '\0' && *end != ']')
            end += end[0] == '\\' && end[1] != '\0' ? 2 : 1;
        end += *end != '\0';
    } else {
        end = word + strcspn(word, blanks);
    }
    *rest = end + (*end != '\0');
    *end = '\0';
    return word;
}

static unsigned
read_type(const char *word)
{
    static const struct {
        const char *name;
        unsigned type;
    } names[] = {{"auth", PAM_AUTH},
                 {"account", PAM_ACCOUNT},
                 {"password", PAM_PASSWORD},
                 {"session", PAM_SESSION}};

    word += *word == '-';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(word, names[i].name) == 0)
            return names[i].type;
    return 0;
}

/* Returns whether the line says something. */
static bool
understand(struct pam_line *line)
{
    char *rest = line->text;
    char *word = next_word(&rest);
    const char *control;

    if (word == NULL)
        return false;
    line->action = PAM_INCLUDE;
    if (strcasecmp(word, "@include") == 0) {
        line->types = PAM_ALL;
        line->target = next_word(&rest);
        return line->target != NULL;
    }
    line->types = read_type(word);
    control = next_word(&rest);
    line->target = next_word(&rest);
    if (line->types == 0 || control == NULL || line->target == NULL)
        return false;
    if (strcasecmp(control, "include") != 0 &&
        strcasecmp(control, "substack") != 0)
        line->action = PAM_MODULE;
    return true;
}

bool
pam_line_next(struct pam_cursor *cursor, struct pam_line *line)
{
    while (join(cursor, line))
        if (understand(line))
            return true;
    return false;
}
