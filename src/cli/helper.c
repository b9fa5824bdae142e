/*
 * Helper processes: see helper.h. Part of aws-session.
 */
#include "helper.h"

#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the forked child; only async-signal-safe calls, and no return. */
static _Noreturn void
run_helper(const char *path, int fd, pid_t parent)
{
    static char search[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
    char *const environment[] = {search, locale, NULL};
    char *const arguments[] = {(char *)(uintptr_t)path, NULL};
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
        _exit(125);
    /* It may be a placeholder, see main.c. */
    (void)fcntl(STDERR_FILENO, F_SETFD, 0);
    descriptors_close_from(STDERR_FILENO + 1);
    /* Nor does a helper that waits for AWS outlive us when we are killed. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(125);
    execve(path, arguments, environment);
    _exit(127);
}

int
helper_start(struct helper *helper, const char *path, struct report *report)
{
    pid_t parent = getpid();
    int fds[2];

    helper->path = path;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return report_set(report, "socketpair: %s", strerror(errno));
    helper->pid = fork();
    if (helper->pid < 0) {
        int error = errno;

        helper->pid = 0;
        close(fds[0]);
        close(fds[1]);
        return report_set(report, "cannot start %s: %s", path,
                          strerror(error));
    }
    if (helper->pid == 0)
        run_helper(path, fds[1], parent);
    close(fds[1]);
    helper->fd = fds[0];
    return 0;
}

/* Say why talking to a helper failed, best knowledge first. */
static int
report_failure(const struct helper *helper, const char *what,
               struct report *report)
{
    char cause[REPORT_SIZE];

    memcpy(cause, what, strnlen(what, sizeof(cause) - 1) + 1);
    cause[sizeof(cause) - 1] = '\0';
    if (access(helper->path, X_OK) != 0)
        return report_set(report,
                          "cannot start %s: %s; install aws-session again",
                          helper->path, strerror(errno));
    return report_set(report, "%s failed: %.800s", helper->path, cause);
}

int
helper_send(struct helper *helper, struct message *message,
            struct report *report)
{
    if (message_send(helper->fd, message, report) == 0)
        return 0;
    return report_failure(helper, report->text, report);
}

int
helper_receive(struct helper *helper, struct message *message,
               uint64_t expected, int timeout_ms, struct report *report)
{
    switch (
        message_receive(helper->fd, message, expected, timeout_ms, report)) {
    case MESSAGE_OK:
        return 0;
    case MESSAGE_TIMED_OUT: /* nor would it notice that we hang up */
        (void)kill(helper->pid, SIGKILL);
        break;
    case MESSAGE_END:
    case MESSAGE_INVALID:
        break;
    }
    return report_failure(helper, report->text, report);
}

void
helper_stop(struct helper *helper)
{
    if (helper->fd >= 0)
        close(helper->fd);
    if (helper->pid > 0)
        while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    helper->fd = -1;
    helper->pid = 0;
}
