/*
 * Lines on standard error: see debug.h. Part of aws-session.
 */
#include "debug.h"

#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool enabled;
static struct timespec start;

static void
print_line(const char *prefix, const char *format, va_list args)
{
    char line[REPORT_SIZE + 64];
    int used = snprintf(line, sizeof(line), "aws-session: %s", prefix);
    size_t length;

    vsnprintf(line + used, sizeof(line) - (size_t)used - 1, format, args);
    report_clean(line);
    length = strlen(line);
    line[length++] = '\n';
    /* One write, so that lines of two processes do not mix. */
    (void)!write(STDERR_FILENO, line, length);
}

void
debug_enable(void)
{
    if (!enabled)
        clock_gettime(CLOCK_MONOTONIC, &start);
    enabled = true;
}

bool
debug_enabled(void)
{
    return enabled;
}

void
debug_log(const char *format, ...)
{
    struct timespec now;
    char prefix[48];
    va_list args;

    if (!enabled)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(prefix, sizeof(prefix), "debug: %8.3f ms: ",
             (double)(now.tv_sec - start.tv_sec) * 1e3 +
                 (double)(now.tv_nsec - start.tv_nsec) / 1e6);
    va_start(args, format);
    print_line(prefix, format, args);
    va_end(args);
}

void
warn_line(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_line("", format, args);
    va_end(args);
}
