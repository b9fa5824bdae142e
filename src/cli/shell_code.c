/*
 * Code for shells: see shell_code.h. Part of aws-session.
 *
 * Sources: POSIX.1-2017 XCU 2.2 (quoting), zshparam(1) RC_QUOTES, "Quotes" in
 * the manual of fish.
 */
#include "shell_code.h"

#include <stdbool.h>
#include <string.h>

#define ALPHANUMERIC                                                          \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const struct {
    const char *name;
    enum shell_kind kind;
} shells[] = {
    {"bash", SHELL_POSIX},
    {"zsh", SHELL_POSIX},
    {"sh", SHELL_POSIX},
    {"fish", SHELL_FISH},
};

int
shell_code_kind(const char *name, enum shell_kind *kind)
{
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(name, shells[i].name) == 0) {
            *kind = shells[i].kind;
            return 0;
        }
    return -1;
}

/*
 * Words that mean themselves in every shell, wherever they stand. "=" only at
 * the end, as padding of base64: zsh takes it for the path of a command.
 */
static bool
is_plain(const char *text)
{
    const char *end = text + strspn(text, ALPHANUMERIC "_@+:,./-");

    return end > text && end[strspn(end, "=")] == '\0' &&
           (*end == '\0' || strchr(ALPHANUMERIC, end[-1]) != NULL);
}

/* What stands for a character between single quotes; NULL: itself. */
static const char *
escape(enum shell_kind kind, char c)
{
    if (c == '\'')
        return kind == SHELL_FISH ? "\\'" : "'\\''";
    return c == '\\' && kind == SHELL_FISH ? "\\\\" : NULL;
}

int
shell_code_word(struct secret *code, enum shell_kind kind, const char *text)
{
    if (is_plain(text))
        return secret_append_string(code, text);
    if (secret_append_string(code, "'") != 0)
        return -1;
    for (; *text != '\0'; text++) {
        const char *escaped = escape(kind, *text);

        if ((escaped != NULL ? secret_append_string(code, escaped)
                             : secret_append(code, text, 1)) != 0)
            return -1;
    }
    return secret_append_string(code, "'");
}

static bool
is_name(const char *name)
{
    return *name != '\0' && (*name < '0' || *name > '9') &&
           name[strspn(name, ALPHANUMERIC "_")] == '\0';
}

/* How a shell sets and removes a variable. */
static const struct {
    const char *set, *separator, *remove, *removed;
} phrases[] = {
    [SHELL_POSIX] = {"export ", "=", "unset -v ", ""},
    /* fish fails to remove what is not there, and its set does not reset the
     * status. */
    [SHELL_FISH] = {"set -gx ", " ", "set -eg ", "; or true"},
};

int
shell_code_variable(struct secret *code, enum shell_kind kind,
                    const char *name, const char *value)
{
    bool removes = value == NULL;

    if (!is_name(name))
        return 0;
    if (secret_append_string(code, removes ? phrases[kind].remove
                                           : phrases[kind].set) != 0 ||
        secret_append_string(code, name) != 0 ||
        secret_append_string(code, removes ? phrases[kind].removed
                                           : phrases[kind].separator) != 0)
        return -1;
    if (!removes && shell_code_word(code, kind, value) != 0)
        return -1;
    return secret_append_string(code, ";\n");
}
