/*
 * Lines of standard input: see input_line.h. Part of aws-session.
 */
#include "input_line.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
input_line_read(struct secret *line, size_t most, const char *what,
                struct report *report)
{
    ssize_t got = 0;
    char c = '\0';

    if (secret_reserve(line, most) != 0)
        return report_set(report, "out of memory");
    for (;;) {
        do
            got = read(STDIN_FILENO, &c, 1);
        while (got < 0 && errno == EINTR);
        if (got <= 0 || c == '\n')
            break;
        if (c == '\0')
            return report_set(report, "standard input: %s holds a NUL byte",
                              what);
        if (line->length == most)
            return report_set(report,
                              "standard input: %s is longer than %zu bytes",
                              what, most);
        (void)secret_append(line, &c, 1);
    }
    explicit_bzero(&c, sizeof(c));
    if (got < 0)
        return report_set(report, "standard input: %s", strerror(errno));
    return got == 0 && line->length == 0 ? 1 : 0;
}
