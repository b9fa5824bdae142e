/*
 * aws-session-runas: see runas.h. The PAM application behind --user.
 *
 * Runs as root, from aws-session only. Asks nobody, holds the credentials in
 * its environment only, and never comes back to root in the process that
 * becomes the command.
 */
#include "runas.h"

#include "descriptors.h"
#include "exit_status.h"
#include "login/user_ids.h"
#include "login/user_shell.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char service[] = "aws-session";

/* A PAM session, and how far it got. */
struct run {
    struct passwd user;
    char **arguments; /* the command; empty for the shell */
    pam_handle_t *pam;
    sigset_t signals; /* of the program */
};

/* What getpwnam returns is overwritten as soon as a module calls it. */
static int
find_user(struct passwd *user, const char *name, struct report *report)
{
    const struct passwd *found = getpwnam(name);

    if (found == NULL)
        return report_set(report, "there is no user '%.100s'", name);
    *user = *found;
    user->pw_name = strdup(found->pw_name);
    user->pw_dir = strdup(found->pw_dir);
    user->pw_shell = strdup(found->pw_shell);
    if (user->pw_name == NULL || user->pw_dir == NULL ||
        user->pw_shell == NULL)
        return report_set(report, "out of memory");
    return 0;
}

static void
free_user(struct passwd *user)
{
    free(user->pw_name);
    free(user->pw_dir);
    free(user->pw_shell);
}

/* Modules may tell something; nobody is asked. */
static int
converse(int count, const struct pam_message **messages,
         struct pam_response **answers, void *unused)
{
    (void)unused;
    for (int i = 0; i < count; i++) {
        if (messages[i]->msg_style != PAM_TEXT_INFO &&
            messages[i]->msg_style != PAM_ERROR_MSG)
            return PAM_CONV_ERR;
        fprintf(stderr, "%s\n", messages[i]->msg);
    }
    *answers = calloc((size_t)count, sizeof(**answers));
    return *answers != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int
refuse(const struct run *run, const char *step, int result,
       struct report *report)
{
    return report_set(
        report, "PAM lets nobody run as %.100s (service %s, %s): %s",
        run->user.pw_name, service, step, pam_strerror(run->pam, result));
}

/* Who asks, and where: what modules and their logs want to know. */
static void
describe(const struct run *run)
{
    const char *caller = getenv("SUDO_USER");
    const char *terminal = ttyname(STDIN_FILENO);

    (void)pam_set_item(run->pam, PAM_RUSER, caller != NULL ? caller : "root");
    if (terminal != NULL)
        (void)pam_set_item(run->pam, PAM_TTY, terminal);
}

/* Account, groups, credentials, session; the last is open if this returns 0.
 */
static int
open_session(struct run *run, struct report *report)
{
    static const struct pam_conv conversation = {converse, NULL};
    int result = pam_start(service, run->user.pw_name, &conversation,
                           &run->pam);

    if (result != PAM_SUCCESS)
        return report_set(report, "cannot start PAM: %s",
                          pam_strerror(run->pam, result));
    describe(run);
    result = pam_acct_mgmt(run->pam, 0);
    if (result != PAM_SUCCESS)
        return refuse(run, "account", result, report);
    if (setgid(run->user.pw_gid) != 0 ||
        initgroups(run->user.pw_name, run->user.pw_gid) != 0)
        return report_set(report, "cannot take the groups of %.100s: %s",
                          run->user.pw_name, strerror(errno));
    result = pam_setcred(run->pam, PAM_ESTABLISH_CRED);
    if (result != PAM_SUCCESS)
        return refuse(run, "credentials", result, report);
    result = pam_open_session(run->pam, 0);
    if (result == PAM_SUCCESS)
        return 0;
    (void)pam_setcred(run->pam, PAM_DELETE_CRED | PAM_SILENT);
    return refuse(run, "session", result, report);
}

static void
close_session(const struct run *run)
{
    (void)pam_close_session(run->pam, 0);
    (void)pam_setcred(run->pam, PAM_DELETE_CRED | PAM_SILENT);
}

static int
start_shell(struct report *report)
{
    struct user_shells shells = {0};
    int status;

    user_shells_add(&shells, getenv("SHELL"));
    user_shells_add_account(&shells);
    user_shells_add_last(&shells);
    status = user_shells_start(&shells, false, NULL, true, report);
    user_shells_free(&shells);
    return status;
}

/* In the child: become the user, then the program. */
static _Noreturn void
run_program(const struct run *run, char **environment)
{
    struct report report = {""};
    int status = EXIT_FAILED;

    descriptors_close_from(STDERR_FILENO + 1); /* what root has open */
    if (user_ids_drop(run->user.pw_uid, run->user.pw_gid) != 0) {
        report_set(&report, "cannot become user %.100s: %s", run->user.pw_name,
                   strerror(errno));
    } else {
        environ = environment;
        sigprocmask(SIG_SETMASK, &run->signals, NULL);
        if (run->arguments[0] == NULL) {
            status = start_shell(&report);
        } else {
            execvp(run->arguments[0], run->arguments);
            status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
            report_set(&report, "cannot run %.400s as %.100s: %s",
                       run->arguments[0], run->user.pw_name, strerror(errno));
        }
    }
    fprintf(stderr, "aws-session: %s\n", report.text);
    _exit(status);
}

/* The whole session. Returns 0 with the program's wait status, or -1. */
static int
run_session(struct run *run, int *status, struct report *report)
{
    char **environment;
    pid_t program;
    int result = -1;

    if (open_session(run, report) != 0)
        return -1;
    environment = runas_environment(&run->user, run->pam);
    program = environment != NULL ? fork() : -1;
    if (program == 0)
        run_program(run, environment);
    runas_environment_free(environment);
    if (program > 0) {
        *status = runas_wait(program);
        result = 0;
    } else {
        report_set(report, "cannot start a process: %s", strerror(errno));
    }
    close_session(run);
    return result;
}

int
main(int argc, char **argv)
{
    struct run run = {0};
    struct report report = {""};
    int status = 0, result = -1;

    if (argc < 2 || getuid() != 0 || geteuid() != 0) {
        report_set(&report, "aws-session-runas is for aws-session --user, as "
                            "root");
    } else {
        run.arguments = argv + 2;
        runas_block_signals(&run.signals);
        if (find_user(&run.user, argv[1], &report) == 0)
            result = run_session(&run, &status, &report);
    }
    if (run.pam != NULL)
        (void)pam_end(run.pam, PAM_SUCCESS);
    free_user(&run.user);
    if (result == 0)
        runas_end(status);
    fprintf(stderr, "aws-session: %s\n", report.text);
    return EXIT_FAILED;
}
