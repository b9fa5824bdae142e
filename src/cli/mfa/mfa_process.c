/*
 * mfa_process: see mfa_process.h. Part of aws-session. What the command
 * prints may be a code, and is never shown.
 */
#include "mfa_process.h"

#include "debug.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_SIZE = 64 };

/* Tells what the command starts, if that is aws-session, where it is. */
static const char inside[] = "AWS_SESSION_MFA_PROCESS";

/* Runs in the forked child, and does not return. */
static _Noreturn void
run_command(const char *command, int output, pid_t parent)
{
    int terminal = terminal_open();
    int input = terminal >= 0 ? terminal
                              : open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(125);
    (void)unsetenv("AWS_SESSION_MFA_CODE");
    if (setenv(inside, "1", 1) != 0 || dup2(input, STDIN_FILENO) < 0 ||
        dup2(output, STDOUT_FILENO) < 0 ||
        (terminal >= 0 && dup2(terminal, STDERR_FILENO) < 0))
        _exit(125);
    /* It may be a placeholder, see main.c. */
    (void)fcntl(STDERR_FILENO, F_SETFD, 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Read to the end, so that the command is not held up, and keep what a code
 * needs. Returns the length of all. */
static size_t
read_output(int fd, char kept[OUTPUT_SIZE])
{
    char buffer[OUTPUT_SIZE];
    size_t total = 0, used = 0;
    ssize_t n;

    while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        for (ssize_t i = 0; i < n && used + 1 < OUTPUT_SIZE; i++)
            kept[used++] = buffer[i];
        total += (size_t)n;
    }
    kept[used] = '\0';
    explicit_bzero(buffer, sizeof(buffer));
    return total;
}

/* A code is what the command printed, if it ended well; the ends of lines
 * behind it are cut off, as in $(COMMAND). */
static int
take_code(char *output, size_t length, int status, const char *place,
          char code[MFA_CODE_SIZE], struct report *report)
{
    if (WIFSIGNALED(status))
        return report_set(report,
                          "no MFA code: the mfa_process of %s was ended by "
                          "signal %d (%s)",
                          place, WTERMSIG(status),
                          strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return report_set(report,
                          "no MFA code: the mfa_process of %s ended with "
                          "status %d; try its command in a shell",
                          place, WEXITSTATUS(status));
    if (length == 0)
        return report_set(report,
                          "no MFA code: the mfa_process of %s printed "
                          "nothing; a code of six digits is needed",
                          place);
    if (strlen(output) == length)
        while (length > 0 && output[length - 1] == '\n')
            output[--length] = '\0';
    if (strlen(output) != length || mfa_parse_code(output, code) != 0)
        return report_set(report,
                          "no MFA code: the mfa_process of %s printed "
                          "something else than six digits",
                          place);
    return 0;
}

/* Start the command; *output is where it prints. Returns its process id, or
 * -1 with the report filled. */
static pid_t
start(const char *command, const char *place, int *output,
      struct report *report)
{
    pid_t parent = getpid(), pid;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return report_set(report, "pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0)
        run_command(command, fds[1], parent);
    if (pid < 0) {
        report_set(report, "cannot start the mfa_process of %s: %s", place,
                   strerror(errno));
        close(fds[0]);
    }
    close(fds[1]);
    *output = fds[0];
    return pid;
}

int
mfa_process_run(const char *command, const char *place,
                char code[MFA_CODE_SIZE], struct report *report)
{
    /* Ignored, as some parents leave it, it would take the status away. */
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    struct sigaction before;
    char output[OUTPUT_SIZE];
    size_t length;
    int fd, status = 0, result = -1;
    pid_t pid;

    debug_log("starting the mfa_process of %s", place);
    sigaction(SIGCHLD, &plain, &before);
    pid = start(command, place, &fd, report);
    if (pid > 0) {
        length = read_output(fd, output);
        close(fd);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        result = take_code(output, length, status, place, code, report);
        explicit_bzero(output, sizeof(output));
    }
    sigaction(SIGCHLD, &before, NULL);
    return result;
}

int
mfa_process_check(const char *place, struct report *report)
{
    if (getenv(inside) == NULL)
        return 0;
    return report_set(report,
                      "the mfa_process of %s is needed by an mfa_process, "
                      "which could go on for ever: let that one use no "
                      "aws-session",
                      place);
}
