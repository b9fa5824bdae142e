/*
 * Questions to the person: see dialog.h. Part of aws-session.
 */
#include "dialog.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_SIZE = 16 };

/* What may end or stop us at a prompt. */
static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

/* The one that came while the echo was off; 0 for none. */
static volatile sig_atomic_t caught;

/* How things were before. */
struct before {
    sigset_t mask;
    struct sigaction actions[SIGNAL_COUNT];
    struct termios modes;
};

enum dialog_answer
dialog_confirm(const char *question)
{
    int terminal = terminal_open();
    enum dialog_answer answer = DIALOG_NO;
    char line[LINE_SIZE];

    if (terminal < 0)
        return DIALOG_NO_TERMINAL;
    for (;;) {
        terminal_write(terminal, question);
        terminal_write(terminal, " [y/N] ");
        if (terminal_read_line(terminal, line, sizeof(line), -1, -1) !=
            TERMINAL_LINE) {
            terminal_write(terminal, "\n");
            break;
        }
        if (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0)
            answer = DIALOG_YES;
        else if (line[0] != '\0' && strcasecmp(line, "n") != 0 &&
                 strcasecmp(line, "no") != 0)
            continue;
        break;
    }
    close(terminal);
    return answer;
}

static void
note_signal(int number)
{
    caught = number;
}

/*
 * The signals come only where we wait for them, so that none is lost between
 * looking and waiting. What is ignored stays ignored.
 */
static void
hold_signals(struct before *before)
{
    struct sigaction note = {.sa_handler = note_signal};
    sigset_t set;

    caught = 0;
    sigemptyset(&set);
    for (int i = 0; i < SIGNAL_COUNT; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, &before->mask);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i], NULL, &before->actions[i]);
        if (before->actions[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &note, NULL);
    }
}

/* As before; then what was noted happens. */
static void
let_signals_go(const struct before *before)
{
    for (int i = 0; i < SIGNAL_COUNT; i++)
        sigaction(signals[i], &before->actions[i], NULL);
    if (caught != 0)
        raise(caught);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* Switch the echo off and see that it is. */
static bool
hide(int terminal, const struct before *before)
{
    struct termios modes = before->modes;

    modes.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    modes.c_lflag |= ICANON | ISIG;
    return tcsetattr(terminal, TCSAFLUSH, &modes) == 0 &&
           tcgetattr(terminal, &modes) == 0 &&
           (modes.c_lflag & (ECHO | ECHONL)) == 0;
}

static enum terminal_result
read_line(int terminal, struct secret *secret, size_t most,
          const sigset_t *mask)
{
    struct pollfd wait = {.fd = terminal, .events = POLLIN};
    char c = '\0';

    if (secret_reserve(secret, most + 1) != 0)
        return TERMINAL_END;
    secret_clear(secret);
    while (ppoll(&wait, 1, NULL, mask) < 0)
        if (errno != EINTR || caught != 0)
            return TERMINAL_END;
    /* Canonical mode: once readable, a whole line is there. */
    while (read(terminal, &c, 1) == 1 && c != '\n')
        if (secret->length <= most)
            (void)secret_append(secret, &c, 1);
    if (c == '\n')
        return TERMINAL_LINE;
    explicit_bzero(&c, sizeof(c));
    secret_clear(secret);
    return TERMINAL_END;
}

enum terminal_result
dialog_read_secret(int terminal, const char *prompt, struct secret *secret,
                   size_t most)
{
    enum terminal_result result;
    struct before before;

    if (tcgetattr(terminal, &before.modes) != 0)
        return TERMINAL_END;
    do {
        result = TERMINAL_END;
        hold_signals(&before);
        if (hide(terminal, &before)) {
            terminal_write(terminal, prompt);
            result = read_line(terminal, secret, most, &before.mask);
            terminal_write(terminal, "\n");
        }
        (void)tcsetattr(terminal, TCSAFLUSH, &before.modes);
        let_signals_go(&before);
    } while (caught != 0);
    return result;
}
