/*
 * Running aws-session from inside of somebody else's process: see
 * module_child.h. Part of the PAM module.
 *
 * The host may ignore SIGCHLD, or have a handler that takes every child's
 * status away: so a guard stands in between (module_guard.h), and the status
 * comes through a pipe. The guard dies with the host, and aws-session with the
 * guard.
 */
#include "module_child.h"

#include "module_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MOST = 256 * 1024 };

/* Ends of pipes: [0] to read, [1] to write. */
struct pipes {
    int input[2];
    int output[2];
    int said[2];
    int status[2];
};

static void
close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A pipe that is not in the way of descriptors 0 to 3. */
static int
open_pipe(int fds[2])
{
    int low[2], result = 0;

    if (pipe2(low, O_CLOEXEC) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        fds[i] = fcntl(low[i], F_DUPFD_CLOEXEC, GUARD_STATUS_FD + 1);
        if (fds[i] < 0)
            result = -1;
        close(low[i]);
    }
    return result;
}

static void
close_pipes(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_end(&pipes->input[i]);
        close_end(&pipes->output[i]);
        close_end(&pipes->said[i]);
        close_end(&pipes->status[i]);
    }
}

/* The input is written before there is anybody who could leave it unread: no
 * SIGPIPE, no waiting. A code is a few bytes. */
static int
open_pipes(struct pipes *pipes, const char *input)
{
    size_t length = input != NULL ? strlen(input) : 0;

    if (open_pipe(pipes->input) != 0 || open_pipe(pipes->output) != 0 ||
        open_pipe(pipes->said) != 0 || open_pipe(pipes->status) != 0 ||
        fcntl(pipes->output[0], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(pipes->said[0], F_SETFL, O_NONBLOCK) != 0 || length > PIPE_BUF ||
        (length > 0 &&
         write(pipes->input[1], input, length) != (ssize_t)length))
        return -1;
    close_end(&pipes->input[1]);
    return 0;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Fork with all signals held back, so that no handler of the host's runs in
 * the child. */
static pid_t
fork_guard(const struct guard_plan *plan)
{
    sigset_t all, before;
    pid_t guard;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    guard = fork();
    if (guard == 0)
        guard_run(plan);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return guard;
}

static pid_t
start_guard(struct guard_plan *plan, const struct pipes *pipes)
{
    plan->input = pipes->input[0];
    plan->output = pipes->output[1];
    plan->said = pipes->said[1];
    plan->status = pipes->status[1];
    return fork_guard(plan);
}

/* Read what there is into a buffer with room; the rest is dropped. Returns
 * whether there may be more at another time. */
static bool
drain(int fd, char *buffer, size_t room, size_t *used)
{
    char chunk[4096];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
        size_t taken = (size_t)n;

        if (taken > room - *used)
            taken = room - *used;
        if (taken > 0)
            memcpy(buffer + *used, chunk, taken);
        *used += taken;
    }
    explicit_bzero(chunk, sizeof(chunk));
    return n < 0 && (errno == EINTR || errno == EAGAIN);
}

/*
 * Take what it writes until the guard has sent the status, or has ended
 * without: only it has that end of the pipe. By then aws-session has written
 * all; what it may have left running does not matter. Returns false when the
 * time is over.
 */
static bool
collect(struct pipes *pipes, struct child_answer *answer, size_t room,
        int64_t deadline)
{
    size_t said = 0;
    bool ended = false;

    while (!ended) {
        struct pollfd wait[3] = {{.fd = pipes->output[0], .events = POLLIN},
                                 {.fd = pipes->said[0], .events = POLLIN},
                                 {.fd = pipes->status[0], .events = POLLIN}};
        int64_t left = deadline - now_ms();

        if (left <= 0)
            return false;
        if (poll(wait, 3, (int)left) <= 0)
            continue;
        ended = wait[2].revents != 0;
        if (pipes->output[0] >= 0 &&
            !drain(pipes->output[0], answer->output, room, &answer->length))
            close_end(&pipes->output[0]);
        if (pipes->said[0] >= 0 && !drain(pipes->said[0], answer->said,
                                          sizeof(answer->said) - 1, &said))
            close_end(&pipes->said[0]);
    }
    return true;
}

/* The status that the guard sent. */
static int
receive_status(int fd)
{
    int status;
    ssize_t n;

    do
        n = read(fd, &status, sizeof(status));
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(status))
        return CHILD_NO_PROCESS;
    return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_KILLED;
}

static void
finish(pid_t guard, struct pipes *pipes, struct child_answer *answer,
       const struct child_request *request)
{
    int64_t deadline = now_ms() + (int64_t)request->seconds * 1000;

    close_end(&pipes->input[0]);
    close_end(&pipes->output[1]);
    close_end(&pipes->said[1]);
    close_end(&pipes->status[1]);
    if (collect(pipes, answer, request->wants_output ? OUTPUT_MOST : 0,
                deadline)) {
        answer->status = receive_status(pipes->status[0]);
    } else {
        answer->status = CHILD_TIMED_OUT;
        /* Its session: whatever it started, too. */
        if (kill(-guard, SIGKILL) != 0)
            (void)kill(guard, SIGKILL);
    }
    /* ECHILD: the host has taken it. */
    while (waitpid(guard, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void
module_child_run(const struct child_request *request,
                 struct child_answer *answer)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    struct guard_plan plan;
    pid_t guard = -1;

    *answer = (struct child_answer){.status = CHILD_NO_PROCESS};
    if (request->wants_output)
        answer->output = malloc(OUTPUT_MOST);
    if ((answer->output != NULL || !request->wants_output) &&
        guard_plan_make(&plan, request) == 0 &&
        open_pipes(&pipes, request->input) == 0)
        guard = start_guard(&plan, &pipes);
    if (guard > 0)
        finish(guard, &pipes, answer, request);
    close_pipes(&pipes);
}

void
module_child_free(struct child_answer *answer)
{
    if (answer->output != NULL)
        explicit_bzero(answer->output, OUTPUT_MOST);
    free(answer->output);
    explicit_bzero(answer, sizeof(*answer));
}
