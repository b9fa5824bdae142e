/*
 * One-line reports of what failed, with what, and what to do next.
 *
 * Part of libcommon, so linked into every program, the setuid one too.
 * A report never holds a secret, a session token or an MFA code.
 */
#ifndef AWS_SESSION_REPORT_H
#define AWS_SESSION_REPORT_H

enum { REPORT_SIZE = 1024 };

struct report {
    char text[REPORT_SIZE]; /* one line, no final newline */
};

/*
 * Fill the report from a printf format. Text that comes from outside (a file
 * name, an answer of AWS) may be passed: control characters, and bytes that
 * are no UTF-8, are replaced by '?', so that nothing can move the cursor or
 * forge a second line. Always returns -1, so that "return report_set(...)"
 * ends a function.
 */
int report_set(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Replace in place what report_set replaces. */
void report_clean(char *text);

#endif
