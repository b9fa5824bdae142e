/*
 * The waiting half of a login: see login_session.h. Part of aws-session.
 */
#include "login_session.h"

#include "login_worker.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RECEIVED_MAX = 16 * 1024 * 1024, /* more than an environment can be */
    CHUNK_SIZE = 64 * 1024,
    REAP_MS = 1000,
    REAP_STEP_MS = 5
};

/* One run of the worker. */
struct run {
    struct login_session *got;
    pid_t pid;
    int fd;
    unsigned limit;   /* seconds */
    int64_t deadline; /* by now_ms */
    bool asking;      /* a question is pending: no deadline */
    bool complete;    /* the worker said everything */
    bool late;
    size_t parsed; /* bytes of what was received */
    size_t variables;
};

static int64_t
now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
take_record(struct run *run, char type, const char *text)
{
    switch ((enum login_record)type) {
    case LOGIN_ASKING:
        run->asking = true;
        break;
    case LOGIN_ASKED:
        run->asking = false;
        run->deadline = now_ms() + 1000 * (int64_t)run->limit;
        break;
    case LOGIN_WARNING:
        report_set(&run->got->warning, "%s", text);
        break;
    case LOGIN_PROBLEM:
        report_set(&run->got->problem, "%s", text);
        run->complete = true;
        break;
    case LOGIN_VARIABLE:
        run->variables++;
        break;
    case LOGIN_SESSION:
        run->complete = true;
        break;
    case LOGIN_OWN_SHELL:
    case LOGIN_ACCOUNT_SHELL:
        break;
    }
}

/* The records that are whole. */
static void
take_records(struct run *run)
{
    const struct secret *received = &run->got->received;

    for (;;) {
        const char *record = received->data + run->parsed;
        const char *end = memchr(record, '\0', received->length - run->parsed);

        if (end == NULL)
            return;
        take_record(run, *record, *record != '\0' ? record + 1 : record);
        run->parsed = (size_t)(end + 1 - received->data);
    }
}

/* Returns 0 while there may be more. */
static int
receive(struct run *run)
{
    struct secret *received = &run->got->received;
    ssize_t n;

    if (received->length >= RECEIVED_MAX ||
        secret_reserve(received, received->length + CHUNK_SIZE) != 0)
        return -1;
    n = read(run->fd, received->data + received->length, CHUNK_SIZE);
    if (n < 0)
        return errno == EINTR ? 0 : -1;
    if (n == 0)
        return -1;
    received->length += (size_t)n;
    take_records(run);
    return 0;
}

/* Until the worker has said everything, has ended, or is late. */
static void
listen(struct run *run)
{
    while (!run->complete) {
        struct pollfd wait = {.fd = run->fd, .events = POLLIN};
        int64_t left = run->deadline - now_ms();
        int ready;

        if (!run->asking && left <= 0) {
            run->late = true;
            return;
        }
        ready = poll(&wait, 1, run->asking ? -1 : (int)left);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && receive(run) != 0)
            return;
    }
}

/*
 * End the worker, whose helpers end with it, and reap it; but do not wait for
 * one that a dead file server holds in the kernel. Returns its status, or 0.
 */
static int
reap(const struct run *run)
{
    const struct timespec step = {.tv_nsec = REAP_STEP_MS * 1000000L};
    int status = 0;

    if (!run->late)
        return waitpid(run->pid, &status, 0) == run->pid ? status : 0;
    (void)kill(run->pid, SIGKILL);
    for (int i = 0; i < REAP_MS / REAP_STEP_MS; i++) {
        if (waitpid(run->pid, NULL, WNOHANG) != 0)
            break;
        nanosleep(&step, NULL);
    }
    return 0;
}

/* Why a worker ended that did not say so. */
static void
explain(const struct run *run, int status)
{
    struct report *problem = &run->got->problem;

    if (run->late)
        report_set(problem, "it took longer than %u s", run->limit);
    else if (WIFSIGNALED(status) &&
             (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGQUIT))
        report_set(problem, "the question was skipped");
    else if (WIFSIGNALED(status))
        report_set(problem, "aws-session ended by signal %d",
                   WTERMSIG(status));
    else
        report_set(problem, "aws-session ended early");
}

static int
start(struct run *run, bool ask)
{
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return report_set(&run->got->problem, "pipe: %s", strerror(errno));
    run->pid = fork();
    if (run->pid == 0)
        login_worker_run(ends[1], ask, parent);
    close(ends[1]);
    run->fd = ends[0];
    if (run->pid > 0)
        return 0;
    report_set(&run->got->problem, "cannot start a process: %s",
               strerror(errno));
    close(ends[0]);
    return -1;
}

/* Now that nothing moves any more, point to what was received. */
static void
point(struct run *run)
{
    struct login_session *got = run->got;
    char *record = got->received.data, *end = record + run->parsed;
    size_t count = 0;

    /* One that could not be built is none. */
    got->environment = calloc(run->variables + 1, sizeof(char *));
    for (; record < end; record += strlen(record) + 1) {
        if (*record == LOGIN_OWN_SHELL)
            got->own_shell = record + 1;
        else if (*record == LOGIN_ACCOUNT_SHELL)
            got->account_shell = record + 1;
        else if (*record == LOGIN_VARIABLE && got->environment != NULL)
            got->environment[count++] = record + 1;
    }
}

void
login_session_get(struct login_session *got, bool ask, unsigned limit)
{
    struct run run = {.got = got, .limit = limit};
    int status;

    *got = (struct login_session){0};
    if (start(&run, ask) != 0)
        return;
    run.deadline = now_ms() + 1000 * (int64_t)limit;
    listen(&run);
    close(run.fd);
    if (!run.complete) {
        status = reap(&run);
        if (ask)
            (void)!write(STDERR_FILENO, "\n", 1);
        explain(&run, status);
    } else {
        (void)reap(&run);
    }
    point(&run);
    if (!run.complete || got->environment == NULL || run.variables == 0) {
        free(got->environment);
        got->environment = NULL;
    }
}

void
login_session_free(struct login_session *got)
{
    free(got->environment);
    secret_free(&got->received);
    *got = (struct login_session){0};
}
