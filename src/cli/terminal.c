/*
 * The controlling terminal: see terminal.h. Part of aws-session.
 */
#include "terminal.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

static bool forbidden, skippable;

void
terminal_forbid(void)
{
    forbidden = true;
}

const char *
terminal_absence(void)
{
    return forbidden ? "--no-prompt (AWS_SESSION_NO_PROMPT) says to ask nobody"
                     : "there is no terminal to ask";
}

void
terminal_set_skippable(void)
{
    skippable = true;
}

const char *
terminal_skip_hint(void)
{
    return skippable ? " (Enter to go on without)" : "";
}

void
terminal_refuse_stop(void)
{
    if (!isatty(STDOUT_FILENO))
        (void)signal(SIGTSTP, SIG_IGN);
}

int
terminal_open(void)
{
    if (forbidden)
        return -1;
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

bool
terminal_is_there(void)
{
    int fd = terminal_open();

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

/* Whether the device is what stands there under that name. */
static bool
is_device(const char *name, dev_t device)
{
    struct stat st;

    return stat(name, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == device;
}

void
terminal_name(char name[TERMINAL_NAME_SIZE])
{
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    unsigned device = 0;
    dev_t number;

    name[0] = '\0';
    if (fd < 0)
        return;
    /* ttyname(3) would say /dev/tty. The number is encoded as the kernel does
     * for user space: minor 20-31 and 0-7, major 8-19. */
    (void)ioctl(fd, TIOCGDEV, &device);
    close(fd);
    number = makedev((device >> 8) & 0xFFF,
                     ((device >> 12) & 0xFFF00) | (device & 0xFF));
    snprintf(name, TERMINAL_NAME_SIZE, "/dev/pts/%u", minor(number));
    if (is_device(name, number))
        return;
    snprintf(name, TERMINAL_NAME_SIZE, "/dev/tty%u", minor(number));
    if (is_device(name, number))
        return;
    /* A serial line, say. */
    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (ttyname_r(fd, name, TERMINAL_NAME_SIZE) == 0 &&
            is_device(name, number))
            return;
    name[0] = '\0';
}

void
terminal_write(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        text += n;
        left -= (size_t)n;
    }
}

static enum terminal_result
read_line(int fd, char *buffer, size_t size, int timeout_ms, int watch_fd)
{
    size_t used = 0;
    char c;

    for (;;) {
        struct pollfd wait[2] = {{.fd = fd, .events = POLLIN},
                                 {.fd = watch_fd, .events = POLLIN}};
        int ready = poll(wait, 2, timeout_ms);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0)
            return TERMINAL_END;
        if (ready == 0)
            return TERMINAL_TIMEOUT;
        if (wait[0].revents != 0)
            break;
        if (wait[1].revents != 0) {
            /* Half a line must not become the next reader's. */
            (void)tcflush(fd, TCIFLUSH);
            return TERMINAL_WATCHED;
        }
    }
    /* Canonical mode: once readable, a whole line is there. In raw mode, as in
     * a widget of zsh, Enter is a carriage return. */
    for (;;) {
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return TERMINAL_END;
        if (c == '\n' || c == '\r')
            break;
        if (used + 1 < size)
            buffer[used++] = c;
    }
    buffer[used] = '\0';
    return TERMINAL_LINE;
}

enum terminal_result
terminal_read_line(int fd, char *buffer, size_t size, int timeout_ms,
                   int watch_fd)
{
    enum terminal_result result;

    deadline_hold();
    result = read_line(fd, buffer, size, timeout_ms, watch_fd);
    deadline_resume();
    return skippable && result == TERMINAL_LINE && buffer[0] == '\0'
               ? TERMINAL_SKIPPED
               : result;
}
