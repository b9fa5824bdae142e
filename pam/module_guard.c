/*
 * The guard of aws-session: see module_guard.h. Part of the PAM module.
 */
#include "module_guard.h"

#include "cli/descriptors.h"
#include "cli/login/user_ids.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int
put_variable(struct guard_plan *plan, size_t index, const char *name,
             const char *value)
{
    int length = snprintf(plan->texts[index], sizeof(plan->texts[index]),
                          "%s=%s", name, value);

    plan->environment[index] = plan->texts[index];
    return length > 0 && (size_t)length < sizeof(plan->texts[index]) ? 0 : -1;
}

int
guard_plan_make(struct guard_plan *plan, const struct child_request *request)
{
    const struct passwd *user = &request->user->record;
    size_t count = 0;

    *plan = (struct guard_plan){
        .user = request->user, .is_root = geteuid() == 0, .host = getpid()};
    plan->argv[0] = (char *)(uintptr_t)PROGRAM_PATH;
    for (; request->arguments[count] != NULL; count++) {
        if (count == GUARD_ARGUMENTS_MOST)
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

static int
place_descriptors(const struct guard_plan *plan)
{
    return dup2(plan->input, STDIN_FILENO) < 0 ||
                   dup2(plan->output, STDOUT_FILENO) < 0 ||
                   dup2(plan->said, STDERR_FILENO) < 0 ||
                   dup2(plan->status, GUARD_STATUS_FD) < 0
               ? -1
               : 0;
}

/* A host that is not root, such as a screen locker, is the user already. */
static int
become_user(const struct guard_plan *plan)
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
run_program(const struct guard_plan *plan, pid_t guard)
{
    if (die_with(guard) == 0) {
        close(GUARD_STATUS_FD);
        execve(plan->argv[0], plan->argv, plan->environment);
    }
    _exit(errno == ENOENT ? 127 : 126);
}

_Noreturn void
guard_run(const struct guard_plan *plan)
{
    const struct rlimit no_core = {0, 0};
    pid_t program, guard = getpid();
    int status;

    (void)setsid();
    reset_signals();
    (void)setrlimit(RLIMIT_CORE, &no_core);
    umask(022);
    if (chdir("/") != 0 || place_descriptors(plan) != 0)
        _exit(1);
    descriptors_close_from(GUARD_STATUS_FD + 1);
    if (become_user(plan) != 0 || die_with(plan->host) != 0)
        _exit(1);
    program = fork();
    if (program == 0)
        run_program(plan, guard);
    while (program > 0 && waitpid(program, &status, 0) < 0)
        if (errno != EINTR)
            _exit(1);
    if (program > 0)
        (void)!write(GUARD_STATUS_FD, &status, sizeof(status));
    _exit(0);
}
