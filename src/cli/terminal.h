/*
 * Talking to the person at the controlling terminal.
 *
 * Part of aws-session. Always /dev/tty, never standard input or output: those
 * belong to the command. Modes of the terminal are never changed, so whatever
 * ends us leaves it as it was.
 */
#ifndef AWS_SESSION_TERMINAL_H
#define AWS_SESSION_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum { TERMINAL_NAME_SIZE = 64 };

/*
 * Open the controlling terminal. Returns a descriptor (close-on-exec, closed
 * by the caller), or -1 if there is none, or after terminal_forbid.
 */
int terminal_open(void);

bool terminal_is_there(void);

/* --no-prompt: from now on nobody is asked anything, in this process. */
void terminal_forbid(void);

/* Why terminal_open gave none, as a part of a sentence: "there is no terminal
 * to ask", or that --no-prompt says so. */
const char *terminal_absence(void);

/*
 * The path of the controlling terminal, also where descriptors 0 to 2 are
 * pipes; "" if there is none or it is not found.
 */
void terminal_name(char name[TERMINAL_NAME_SIZE]);

/*
 * From now on Ctrl-Z does not stop us, unless standard output is a terminal:
 * what a shell runs for its output it does not bring back. zsh would wait for
 * us for ever, fish forget us, and all others wait for our lock.
 */
void terminal_refuse_stop(void);

/* Write text as it is; errors are ignored. */
void terminal_write(int fd, const char *text);

enum terminal_result {
    TERMINAL_LINE,    /* a line was read */
    TERMINAL_END,     /* end of file (Ctrl-D), or the terminal is gone */
    TERMINAL_TIMEOUT, /* timeout_ms passed */
    TERMINAL_WATCHED, /* watch_fd became readable first */
    TERMINAL_SKIPPED  /* an empty line, see terminal_set_skippable */
};

/*
 * Wait for a line and read it without its newline into buffer (cut at size).
 * timeout_ms -1 waits for ever; watch_fd -1 watches nothing.
 */
enum terminal_result terminal_read_line(int fd, char *buffer, size_t size,
                                        int timeout_ms, int watch_fd);

/* From now on an empty line is TERMINAL_SKIPPED: the questions of a login may
 * be left unanswered. */
void terminal_set_skippable(void);

/* What a question says about that, "" if it may not be skipped. */
const char *terminal_skip_hint(void);

#endif
