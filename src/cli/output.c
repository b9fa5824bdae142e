/*
 * Secrets to standard output: see output.h. Part of aws-session.
 */
#include "output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
output_write(const struct secret *text, struct report *report)
{
    size_t done = 0;

    while (done < text->length) {
        ssize_t n = write(STDOUT_FILENO, text->data + done,
                          text->length - done);

        if (n < 0 && errno != EINTR)
            return report_set(report, "cannot write to standard output: %s",
                              strerror(errno));
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}
