/*
 * The order of acts: see privilege.h. Part of aws-session-sign.
 *
 * Nothing here knows a secret, and nothing here trusts the caller.
 */
#include "privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

int
privilege_note_ids(struct privilege *privilege, struct report *report)
{
    privilege->caller = getuid();
    privilege->self = geteuid();
    /* Root is a user too, but this program is never to be a way to root. */
    if (privilege->self == 0 && privilege->caller != 0)
        return report_set(report, "refusing to run setuid root: it is meant "
                                  "for a service user of its own");
    return 0;
}

int
privilege_open_standard_files(struct report *report)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
            return report_set(report, "descriptor %d cannot be opened", fd);
    return 0;
}

int
privilege_forbid_dumps(struct report *report)
{
    const struct rlimit none = {0, 0};

    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0)
        return report_set(report, "core dumps cannot be switched off");
    return 0;
}

/*
 * A tracer of the caller's cannot be there when the setuid bit counts: the
 * kernel ignores the bit under a tracer, as it does under a seccomp filter or
 * no_new_privs of the caller's. This refuses root's debugger, and without the
 * setuid bit it keeps an honest mistake from recording a secret.
 */
int
privilege_refuse_tracer(struct report *report)
{
    static const char name[] = "\nTracerPid:\t"; /* not the Name: line */
    char status[4096];
    const char *line;
    ssize_t length;
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return report_set(report, "/proc/self/status: %s: is /proc mounted?",
                          strerror(errno));
    length = read(fd, status, sizeof(status) - 1);
    close(fd);
    status[length < 0 ? 0 : length] = '\0';
    line = strstr(status, name);
    if (line == NULL)
        return report_set(report, "/proc/self/status names no TracerPid");
    if (strncmp(line + strlen(name), "0\n", 2) != 0)
        return report_set(report, "refusing to work under a tracer");
    return 0;
}

static void
close_others(void)
{
    long limit;

#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
        return;
#endif
    /* Linux before 5.9. What is above a lowered limit may stay open: only
     * untidy, it is the caller's own file. */
    limit = sysconf(_SC_OPEN_MAX);
    for (int fd = 3; fd < 65536 && fd < limit; fd++)
        close(fd);
}

static void
end_late(int signal_number)
{
    (void)signal_number;
    _exit(125);
}

static void
reset_signals(void)
{
    struct sigaction late = {.sa_handler = end_late};
    sigset_t none;

    for (int number = 1; number < NSIG; number++) {
        (void)signal(number, SIG_IGN); /* drops what was blocked and waits */
        (void)signal(number, SIG_DFL); /* SIGKILL and the like: not settable */
    }
    /* Writing to the caller's files must fail, not kill. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    /* A terminal's Ctrl-Z asks for no permission, and whoever is stopped with
     * a new key holds a part of the quota that all share. */
    (void)signal(SIGTSTP, SIG_IGN);
    (void)signal(SIGTTIN, SIG_IGN);
    (void)signal(SIGTTOU, SIG_IGN);
    (void)sigaction(SIGALRM, &late, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int
privilege_drop_inherited(unsigned seconds, struct report *report)
{
    const struct itimerval off = {0};

    if (clearenv() != 0)
        return report_set(report, "the environment cannot be cleared");
    close_others();
    (void)setitimer(ITIMER_REAL, &off, NULL);
    (void)setitimer(ITIMER_VIRTUAL, &off, NULL);
    (void)setitimer(ITIMER_PROF, &off, NULL);
    reset_signals();
    (void)alarm(seconds);
    (void)umask(077);
    if (chdir("/") != 0)
        return report_set(report, "/: %s", strerror(errno));
    return 0;
}

/*
 * The special numbers follow the real id, and only they count as possession
 * of the user keyring: hence before the change. What is linked into the
 * process keyring stays possessed after it, wherever the caller's session
 * keyring went (tmux after logout, su). A process keyring is made even when
 * the caller's key quota is used up; a session keyring is not.
 */
void
privilege_link_keyrings(struct privilege *privilege)
{
    key_serial_t *rings = privilege->keyrings;

    /* Tidy, not needed: possess nothing of the caller's login. */
    (void)keyctl_join_session_keyring(NULL);
    rings[0] = keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1);
    if (rings[0] != -1 &&
        keyctl_link(KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING) != 0)
        rings[0] = -1;
    privilege->keyring_error = rings[0] == -1 ? errno : 0;
    /* Not every kernel has this one; it links by itself. */
    rings[1] = (key_serial_t)keyctl_get_persistent(privilege->caller,
                                                   KEY_SPEC_PROCESS_KEYRING);
}

/*
 * The supplementary groups stay the caller's: setgroups needs a capability
 * that this program never has, and they allow nothing that the caller may
 * not do anyway.
 */
int
privilege_change_ids(const struct privilege *privilege, struct report *report)
{
    uid_t uid = privilege->self, real, effective, saved;
    gid_t gid = getegid(), group, effective_group, saved_group;

    if (setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return report_set(report, "the ids cannot be changed: %s",
                          strerror(errno));
    if (getresuid(&real, &effective, &saved) != 0 || real != uid ||
        effective != uid || saved != uid ||
        getresgid(&group, &effective_group, &saved_group) != 0 ||
        group != gid || effective_group != gid || saved_group != gid)
        return report_set(report, "the ids did not change");
    if (privilege->caller != uid && setuid(privilege->caller) == 0)
        return report_set(report, "the change of ids can be taken back");
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    /* A change of ids sets this to fs.suid_dumpable, which may be 1. */
    return privilege_forbid_dumps(report);
}
