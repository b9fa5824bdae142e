/*
 * The working half of a login: see login_worker.h. Part of aws-session.
 */
#include "login_worker.h"

#include "debug.h"
#include "environment.h"
#include "options.h"
#include "secret.h"
#include "session_parent.h"
#include "terminal.h"
#include "user_config.h"
#include "user_shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Where to write, and what is not written yet. */
static int pipe_fd = -1;
static struct secret unwritten;

/* Without memory, or with nobody who reads, there is nothing to be done. */
static void
add_record(enum login_record type, const char *text)
{
    char letter = (char)type;

    if (secret_append(&unwritten, &letter, 1) != 0 ||
        secret_append(&unwritten, text, strlen(text) + 1) != 0)
        _exit(1);
}

static void
write_record(enum login_record type, const char *text)
{
    size_t written = 0;

    add_record(type, text);
    while (written < unwritten.length) {
        ssize_t n = write(pipe_fd, unwritten.data + written,
                          unwritten.length - written);

        if (n < 0 && errno != EINTR)
            _exit(1);
        written += n > 0 ? (size_t)n : 0;
    }
    secret_clear(&unwritten);
}

static void
tell_question(bool pending)
{
    write_record(pending ? LOGIN_ASKING : LOGIN_ASKED, "");
}

/*
 * Signals as in a new program, whatever the login inherited; Ctrl-Z would
 * leave it waiting for a process that nobody can wake. No core file: it would
 * hold the session.
 */
static void
prepare_process(pid_t parent)
{
    const struct rlimit none = {0, 0};
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t empty;

    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &usual, NULL);
    usual.sa_handler = SIG_IGN;
    sigaction(SIGTSTP, &usual, NULL);
    sigemptyset(&empty);
    sigprocmask(SIG_SETMASK, &empty, NULL);
    (void)setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
}

/* What libraries and we ourselves say belongs on the terminal, or nowhere. */
static void
prepare_output(bool ask)
{
    int fd = ask ? terminal_open() : -1;

    if (fd < 0)
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
}

static void
find_shells(void)
{
    struct user_config own;
    struct report report = {""};
    char *account;

    if (user_config_load(&own, &report) != 0) {
        write_record(LOGIN_WARNING, report.text);
    } else if (own.shell[0] != '\0' && !user_shell_is_listed(own.shell)) {
        report_set(&report,
                   "the shell %.200s of your aws-session/config is "
                   "not in /etc/shells: taking another one",
                   own.shell);
        write_record(LOGIN_WARNING, report.text);
    } else if (own.shell[0] != '\0') {
        write_record(LOGIN_OWN_SHELL, own.shell);
    }
    account = user_shell_of_account();
    if (account != NULL)
        write_record(LOGIN_ACCOUNT_SHELL, account);
    free(account);
}

/* Somebody without any AWS key must not be told so at each login. */
static bool
is_without_key(const struct profile *profile)
{
    return profile->base != NULL && profile->parent == PARENT_NONE &&
           !profile->in_files && !session_parent_is_stored(profile->base);
}

/* Whether there is somebody to be asked: not in the background of a terminal,
 * where reading would stop us. */
static bool
can_ask(void)
{
    int fd = terminal_open();
    bool can = fd >= 0 && tcgetpgrp(fd) == getpgrp();

    if (fd >= 0)
        close(fd);
    return can;
}

static int
get_session(bool ask, struct profile *profile, struct session *session,
            struct report *report)
{
    static char name[] = "aws-session";
    char *arguments[] = {name, NULL};
    struct options options;
    struct report ignored;
    int result;

    /* The variables behind the options count as ever. */
    if (options_parse(&options, 1, arguments, report) != 0)
        return -1;
    if (options.debug && ask)
        debug_enable();
    options.session.cached = options.session.no_prompt = !ask || !can_ask();
    result = session_get(&options.session, profile, session, report);
    if (result != 0 && is_without_key(profile)) {
        report->text[0] = '\0';
    } else if (result != 0 && !options.session.cached) {
        /* What a person is asked to renew may still be good for a while. */
        options.session.cached = options.session.no_prompt = true;
        profile_free(profile);
        session_free(session);
        result = session_get(&options.session, profile, session, &ignored);
    }
    return result;
}

_Noreturn void
login_worker_run(int fd, bool ask, pid_t parent)
{
    struct profile profile = {0};
    struct session session = {0};
    struct report report = {""};

    pipe_fd = fd;
    prepare_process(parent);
    prepare_output(ask);
    find_shells();
    if (ask)
        terminal_set_login(tell_question);
    if (get_session(ask, &profile, &session, &report) == 0 &&
        environment_apply(&profile, &session, &report) == 0) {
        for (char **entry = environ; *entry != NULL; entry++)
            add_record(LOGIN_VARIABLE, *entry);
        write_record(LOGIN_SESSION, "");
    } else {
        write_record(LOGIN_PROBLEM, report.text);
    }
    session_free(&session);
    profile_free(&profile);
    _exit(0);
}
