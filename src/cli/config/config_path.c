/*
 * Paths of the AWS files: see config_path.h. Part of aws-session.
 */
#include "config_path.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/*
 * The name after a '$' at p: sets its bounds and returns the end of the whole
 * reference, or NULL if this is none.
 */
static const char *
reference_at(const char *p, const char **name, size_t *length)
{
    if (p[1] == '{') {
        const char *close = strchr(p + 2, '}');

        if (close == NULL)
            return NULL;
        *name = p + 2;
        *length = (size_t)(close - *name);
        return close + 1;
    }
    *name = p + 1;
    *length = 0;
    while (is_name_character((*name)[*length]))
        (*length)++;
    return *length > 0 ? *name + *length : NULL;
}

/* The value of the variable that is referred to at p, NULL if it is none. */
static const char *
value_at(const char *p, const char **end)
{
    const char *name;
    const char *value;
    size_t length;
    char *copy;

    *end = *p == '$' ? reference_at(p, &name, &length) : NULL;
    if (*end == NULL)
        return NULL;
    copy = strndup(name, length);
    value = copy != NULL ? getenv(copy) : NULL;
    free(copy);
    return value;
}

/* Expand to out, or only measure if out is NULL. Returns the length. */
static size_t
expand_to(const char *text, char *out)
{
    size_t length = 0;

    while (*text != '\0') {
        const char *end;
        const char *value = value_at(text, &end);
        size_t step = value != NULL ? strlen(value) : 1;

        if (out != NULL)
            memcpy(out + length, value != NULL ? value : text, step);
        length += step;
        text = value != NULL ? end : text + 1;
    }
    return length;
}

static char *
expand_variables(const char *text)
{
    size_t length = expand_to(text, NULL);
    char *out = malloc(length + 1);

    if (out == NULL)
        return NULL;
    expand_to(text, out);
    out[length] = '\0';
    return out;
}

/* The home directory that "~" or "~USER" at the begin of a path means. */
static const char *
home_of(const char *path, size_t length)
{
    const struct passwd *user;
    const char *home = getenv("HOME");
    char *name;

    if (length == 1 && home != NULL)
        return home;
    if (length == 1) {
        user = getpwuid(getuid());
    } else {
        name = strndup(path + 1, length - 1);
        user = name != NULL ? getpwnam(name) : NULL;
        free(name);
    }
    return user != NULL ? user->pw_dir : NULL;
}

static char *
expand_home(const char *path)
{
    size_t length = strcspn(path, "/");
    const char *home = *path == '~' ? home_of(path, length) : NULL;
    const char *rest = path + length;
    size_t home_length;
    char *result;

    if (home == NULL)
        return strdup(path);
    home_length = strlen(home);
    while (home_length > 0 && home[home_length - 1] == '/')
        home_length--;
    result = malloc(home_length + strlen(rest) + 2);
    if (result == NULL)
        return NULL;
    memcpy(result, home, home_length);
    strcpy(result + home_length, home_length + strlen(rest) > 0 ? rest : "/");
    return result;
}

int
config_path_find(const char *variable, const char *fallback, char **path,
                 struct report *report)
{
    const char *value = getenv(variable);
    char *expanded;

    *path = NULL;
    if (value != NULL && *value == '\0')
        return 0;
    expanded = expand_variables(value != NULL ? value : fallback);
    if (expanded != NULL)
        *path = expand_home(expanded);
    free(expanded);
    if (*path == NULL)
        return report_set(report, "%s: out of memory", variable);
    /* No home directory: the fallback must not be looked for in "./~". */
    if (value == NULL && **path == '~') {
        free(*path);
        *path = NULL;
    }
    return 0;
}
