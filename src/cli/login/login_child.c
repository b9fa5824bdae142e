/*
 * The child of a login: see login_child.h. Part of aws-session.
 */
#include "login_child.h"

#include "debug.h"
#include "options.h"
#include "session_child.h"
#include "session_parent.h"
#include "terminal.h"
#include "user_config.h"
#include "user_shell.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Signals as in a new program, whatever the login has or had inherited; but
 * Ctrl-Z would leave it waiting for a process that nobody wakes. No core
 * file: there may be a session in it.
 */
static void
prepare_process(void)
{
    const struct rlimit none = {0, 0};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t empty;

    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &action, NULL);
    action.sa_handler = SIG_IGN;
    (void)sigaction(SIGTSTP, &action, NULL);
    sigemptyset(&empty);
    (void)sigprocmask(SIG_SETMASK, &empty, NULL);
    (void)setrlimit(RLIMIT_CORE, &none);
}

/* What we and our libraries say belongs on the terminal, or nowhere. */
static void
prepare_output(bool quiet)
{
    int fd = quiet ? -1 : terminal_open();

    if (fd < 0)
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
}

static void
tell_shells(void)
{
    struct report report = {""};
    struct user_config own;
    char *account;

    if (user_config_load(&own, &report) != 0) {
        session_child_tell(LOGIN_WARNING, report.text);
    } else if (own.shell[0] != '\0' && !user_shell_is_listed(own.shell)) {
        report_set(&report,
                   "the shell %s of your aws-session/config is not in "
                   "/etc/shells: taking another one",
                   own.shell);
        session_child_tell(LOGIN_WARNING, report.text);
    } else if (own.shell[0] != '\0') {
        session_child_tell(LOGIN_OWN_SHELL, own.shell);
    }
    account = user_shell_of_account();
    if (account != NULL)
        session_child_tell(LOGIN_ACCOUNT_SHELL, account);
    free(account);
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

/* Somebody without any AWS key must not be told so at each login. */
static bool
is_without_key(const struct profile *profile)
{
    return profile->base != NULL && profile->parent == PARENT_NONE &&
           !profile->in_files && !session_parent_is_stored(profile->base);
}

/* Only a session that is kept. */
static enum exit_status
get_kept(struct session_options *options, struct profile *profile,
         struct session *session, struct report *report)
{
    terminal_forbid();
    options->cached = true;
    options->no_prompt = true;
    options->code = NULL;
    profile_free(profile);
    session_free(session);
    return session_get(options, profile, session, report);
}

enum exit_status
login_child_get(const struct session_options *given, struct profile *profile,
                struct session *session, struct report *report)
{
    static char name[] = "aws-session";
    char *arguments[] = {name, NULL};
    struct options options;
    struct report ignored;
    enum exit_status status;

    prepare_process();
    prepare_output(given->cached);
    tell_shells();
    if (options_parse(&options, 1, arguments, report) != 0)
        return EXIT_USAGE;
    if (options.debug)
        debug_enable();
    if (given->cached || options.session.no_prompt || !can_ask()) {
        status = get_kept(&options.session, profile, session, report);
    } else {
        terminal_set_skippable();
        status = session_get(&options.session, profile, session, report);
        /* What a person is asked to renew may be good for a while yet. */
        if (status != EXIT_DONE && !is_without_key(profile) &&
            get_kept(&options.session, profile, session, &ignored) ==
                EXIT_DONE)
            status = EXIT_DONE;
    }
    if (status != EXIT_DONE && is_without_key(profile))
        session_child_tell(LOGIN_NO_KEY, "");
    return status;
}
