/*
 * Running aws-session from inside of somebody else's process: see
 * module_child.h. Part of the PAM module.
 *
 * Two processes are made. A guard becomes the user, in a session of its own;
 * it starts aws-session, waits for it, and sends its status through a pipe:
 * the host may ignore SIGCHLD, or have a handler that takes every child's
 * status away. The guard dies with the host, and aws-session with the guard.
 *
 * Between fork and exec there are system calls only: the host may have
 * threads that held a lock.
 */
#include "module_child.h"

#include "cli/user_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 16, OUTPUT_MOST = 256 * 1024, STATUS_FD = 3 };

/* Ends of pipes: [0] to read, [1] to write. */
struct pipes {
    int input[2];
    int output[2];
    int said[2];
    int status[2];
};

/* All that the child needs, made before it is forked. */
struct plan {
    char *argv[ARGUMENTS_MOST + 2];
    char *environment[8];
    char texts[8][1024];
    const struct module_user *user;
    bool is_root;
    pid_t host;
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
        fds[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STATUS_FD + 1);
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

static int
put_variable(struct plan *plan, size_t index, const char *name,
             const char *value)
{
    int length = snprintf(plan->texts[index], sizeof(plan->texts[index]),
                          "%s=%s", name, value);

    plan->environment[index] = plan->texts[index];
    return length > 0 && (size_t)length < sizeof(plan->texts[index]) ? 0 : -1;
}

static int
make_plan(struct plan *plan, const struct child_request *request)
{
    const struct passwd *user = &request->user->record;
    size_t count = 0;

    *plan = (struct plan){
        .user = request->user, .is_root = geteuid() == 0, .host = getpid()};
    plan->argv[0] = (char *)(uintptr_t)PROGRAM_PATH;
    for (; request->arguments[count] != NULL; count++) {
        if (count == ARGUMENTS_MOST)
            return -1;
        plan->argv[count + 1] = (char *)(uintptr_t)request->arguments[count];
    }
    return put_variable(plan, 0, "HOME", user->pw_dir) |
           put_variable(plan, 1, "USER", user->pw_name) |
           put_variable(plan, 2, "LOGNAME", user->pw_name) |
           put_variable(plan, 3, "SHELL", user->pw_shell) |
           put_variable(plan, 4, "PATH", "/usr/local/bin:/usr/bin:/bin") |
           put_variable(plan, 5, "LANG", "C") |
           put_variable(plan, 6, "AWS_SESSION_DEBUG",
                        request->debug ? "1" : "0");
}

/* --- in the child ----------------------------------------------------------
 */

static void
reset_signals(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &normal, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
close_from(unsigned first)
{
    struct rlimit limit;

#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
        return;
#endif
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 65536)
        limit.rlim_cur = 65536;
    for (unsigned fd = first; fd < limit.rlim_cur; fd++)
        close((int)fd);
}

static int
place_descriptors(const struct pipes *pipes)
{
    return dup2(pipes->input[0], STDIN_FILENO) < 0 ||
                   dup2(pipes->output[1], STDOUT_FILENO) < 0 ||
                   dup2(pipes->said[1], STDERR_FILENO) < 0 ||
                   dup2(pipes->status[1], STATUS_FD) < 0
               ? -1
               : 0;
}

/* A host that is not root, such as a screen locker, is the user already. */
static int
become_user(const struct plan *plan)
{
    const struct passwd *user = &plan->user->record;

    if (!plan->is_root)
        return getuid() == user->pw_uid && geteuid() == user->pw_uid ? 0 : -1;
    if (setgroups((size_t)plan->user->group_count, plan->user->groups) != 0)
        return -1;
    return user_ids_drop(user->pw_uid, user->pw_gid);
}

/* Ask the kernel to end us with our parent. The change of ids has to be
 * before: it clears this. */
static int
die_with(pid_t parent)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent ? 0
                                                                        : -1;
}

static _Noreturn void
run_program(const struct plan *plan, pid_t guard)
{
    if (die_with(guard) == 0) {
        close(STATUS_FD);
        execve(plan->argv[0], plan->argv, plan->environment);
    }
    _exit(errno == ENOENT ? 127 : 126);
}

static _Noreturn void
run_guard(const struct plan *plan, const struct pipes *pipes)
{
    const struct rlimit no_core = {0, 0};
    pid_t program, guard = getpid();
    int status;

    (void)setsid();
    reset_signals();
    (void)setrlimit(RLIMIT_CORE, &no_core);
    umask(022);
    if (chdir("/") != 0 || place_descriptors(pipes) != 0)
        _exit(1);
    close_from(STATUS_FD + 1);
    if (become_user(plan) != 0 || die_with(plan->host) != 0)
        _exit(1);
    program = fork();
    if (program == 0)
        run_program(plan, guard);
    while (program > 0 && waitpid(program, &status, 0) < 0)
        if (errno != EINTR)
            _exit(1);
    if (program > 0)
        (void)!write(STATUS_FD, &status, sizeof(status));
    _exit(0);
}

/* --- in the host -----------------------------------------------------------
 */

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
fork_guard(const struct plan *plan, const struct pipes *pipes)
{
    sigset_t all, before;
    pid_t guard;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
        return -1;
    guard = fork();
    if (guard == 0)
        run_guard(plan, pipes);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return guard;
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
    struct plan plan;
    pid_t guard = -1;

    *answer = (struct child_answer){.status = CHILD_NO_PROCESS};
    if (request->wants_output)
        answer->output = malloc(OUTPUT_MOST);
    if ((answer->output != NULL || !request->wants_output) &&
        make_plan(&plan, request) == 0 &&
        open_pipes(&pipes, request->input) == 0)
        guard = fork_guard(&plan, &pipes);
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
