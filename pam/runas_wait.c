/*
 * Between whoever started us and the program: see runas.h. Part of
 * aws-session-runas.
 *
 * The program is in our process group, so that a terminal's signals reach it
 * without us. No handler is ever installed.
 */
#include "runas.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What somebody may send us and means for the program. */
static const int passed_on[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                SIGALRM, SIGUSR1, SIGUSR2};

/* We stop when the program does, not when a terminal says so. */
static const int not_for_us[] = {SIGTSTP, SIGTTIN, SIGTTOU};

static void
list_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGCHLD);
    for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
        sigaddset(set, passed_on[i]);
    for (size_t i = 0; i < sizeof(not_for_us) / sizeof(not_for_us[0]); i++)
        sigaddset(set, not_for_us[i]);
}

void
runas_block_signals(sigset_t *before)
{
    sigset_t set;

    /* A caller that ignores it would leave us without a status. */
    signal(SIGCHLD, SIG_DFL);
    list_signals(&set);
    sigprocmask(SIG_BLOCK, &set, before);
}

/* Stop as the program has, and take it along when we go on. */
static void
stop_with(pid_t program)
{
    (void)raise(SIGSTOP);
    (void)kill(program, SIGCONT);
}

/* The kernel sends to the whole group at a terminal: then it has it already.
 */
static void
pass_on(pid_t program, const siginfo_t *info)
{
    if (info->si_code == SI_KERNEL)
        return;
    for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
        if (passed_on[i] == info->si_signo)
            (void)kill(program, info->si_signo);
}

int
runas_wait(pid_t program)
{
    sigset_t set;
    siginfo_t info;
    int status;

    list_signals(&set);
    for (;;) {
        pid_t ended = waitpid(program, &status, WNOHANG | WUNTRACED);

        if (ended < 0 && errno != EINTR)
            return 125 << 8 /* never: it is ours */;
        if (ended == program && !WIFSTOPPED(status))
            return status;
        if (ended == program)
            stop_with(program);
        else if (sigwaitinfo(&set, &info) > 0 && info.si_signo != SIGCHLD)
            pass_on(program, &info);
    }
}

_Noreturn void
runas_end(int status)
{
    sigset_t set;

    if (WIFSIGNALED(status)) {
        /* One core file is enough: the program's. */
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        signal(WTERMSIG(status), SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, WTERMSIG(status));
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        (void)raise(WTERMSIG(status));
        exit(128 + WTERMSIG(status));
    }
    exit(WEXITSTATUS(status));
}
