/*
 * pam_aws_session.so: AWS's MFA code as a factor of a login, and the session
 * that it gives for what is started.
 *
 * Lives in sshd, login, sudo and others. Links libpam only, holds no key and
 * no state: all that it does is done by aws-session, as the user, in a process
 * of its own. What authentication got is handed over by the user's keyring,
 * since sshd opens the session in another process than it authenticates in.
 */
#include "module_child.h"
#include "module_logins.h"
#include "module_options.h"
#include "module_outcome.h"
#include "module_user.h"
#include "module_variables.h"

#include "cli/exit_status.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define ENTRY __attribute__((visibility("default"))) int

enum { CODE_LENGTH = 6 };

static const char login_name[] = "aws-session-login";

/* One call of an entry point. */
struct call {
    pam_handle_t *pam;
    struct module_options options;
    struct module_user user;
    bool silent;
};

/*
 * Begin. Returns PAM_SUCCESS, PAM_IGNORE for a user who is none of our
 * business, or an error. end_call afterwards in any case.
 */
static int
begin_call(struct call *call, pam_handle_t *pam, int flags, int argc,
           const char **argv)
{
    int result;

    *call = (struct call){.pam = pam,
                          .silent = ((unsigned)flags & PAM_SILENT) != 0};
    result = module_options_parse(&call->options, pam, argc, argv);
    if (result == PAM_SUCCESS)
        result = module_user_find(&call->user, pam);
    if (result == PAM_SUCCESS &&
        call->user.record.pw_uid < call->options.min_uid)
        result = PAM_IGNORE;
    return result;
}

static int
end_call(struct call *call, const char *what, int result)
{
    if (call->options.debug)
        pam_syslog(call->pam, LOG_DEBUG, "%s of uid %u: %s", what,
                   (unsigned)call->user.record.pw_uid,
                   pam_strerror(call->pam, result));
    module_user_free(&call->user);
    return result;
}

/* What aws-session said, line by line. It never says a secret. */
static void
log_said(const struct call *call, char *said)
{
    char *rest, *line = strtok_r(said, "\n", &rest);

    for (; line != NULL; line = strtok_r(NULL, "\n", &rest))
        pam_syslog(call->pam, call->options.debug ? LOG_DEBUG : LOG_NOTICE,
                   "%s", line);
}

/* Run aws-session as the user. answer is freed by the caller. */
static int
run(const struct call *call, const char *const *arguments, const char *input,
    bool wants_output, struct child_answer *answer)
{
    const char *all[16] = {NULL};
    size_t count = 0;
    struct child_request request = {
        .user = &call->user,
        .arguments = all,
        .input = input,
        .seconds = call->options.timeout,
        .debug = call->options.debug,
        .wants_output = wants_output,
    };

    if (call->options.profile != NULL) {
        all[count++] = "--profile";
        all[count++] = call->options.profile;
    }
    while (*arguments != NULL)
        all[count++] = *arguments++;
    module_child_run(&request, answer);
    return answer->status;
}

/* The same for its status only; what it says goes to the log if it failed in
 * a way that is not one of the answers that was to be expected. */
static int
ask(const struct call *call, const char *const *arguments, const char *input,
    int expected)
{
    struct child_answer answer;
    int status = run(call, arguments, input, false, &answer);

    if (call->options.debug || (status != EXIT_DONE && status != expected))
        log_said(call, answer.said);
    if (status == CHILD_TIMED_OUT)
        pam_syslog(call->pam, LOG_NOTICE, "no answer within %u seconds",
                   call->options.timeout);
    else if (status < 0 || status == EXIT_NOT_FOUND ||
             status == EXIT_NOT_EXECUTABLE)
        pam_syslog(call->pam, LOG_ERR, "%s cannot be run as uid %u (%d)",
                   PROGRAM_PATH, (unsigned)call->user.record.pw_uid, status);
    module_child_free(&answer);
    return status;
}

/* EXIT_DONE if there is a kept session, EXIT_NOBODY_ASKED if there is a key,
 * or what is wrong. Nothing is sent. */
static int
find_session(const struct call *call)
{
    static const char *const arguments[] = {"--no-prompt", "export",
                                            "--cached", NULL};

    return ask(call, arguments, NULL, EXIT_NOBODY_ASKED);
}

/* Leave the digits of what was typed, and a newline for aws-session to read.
 * Returns whether it has the shape of a code. */
static bool
take_digits(const char *typed, char code[CODE_LENGTH + 2])
{
    size_t used = 0;

    for (; *typed != '\0'; typed++) {
        if (*typed == ' ' || *typed == '\t' || *typed == '\r')
            continue;
        if (*typed < '0' || *typed > '9' || used == CODE_LENGTH)
            return false;
        code[used++] = *typed;
    }
    code[used] = '\n';
    code[used + 1] = '\0';
    return used == CODE_LENGTH;
}

/* Ask for a code and have STS give a session for it: a new one, whatever is
 * kept. What is typed is seen, since it is worth nothing a moment later. */
static int
check_code(const struct call *call)
{
    static const char *const arguments[] = {
        "--no-prompt", "refresh", "--code", "-", "--shell", "sh", NULL};
    char code[CODE_LENGTH + 2] = "";
    char *typed = NULL;
    int status = EXIT_WRONG_CODE;
    int result = pam_prompt(call->pam, PAM_PROMPT_ECHO_ON, &typed, "%s",
                            call->options.prompt);

    if (result == PAM_SUCCESS && typed == NULL)
        result = PAM_CONV_ERR;
    if (result == PAM_SUCCESS) {
        if (take_digits(typed, code))
            status = ask(call, arguments, code, EXIT_WRONG_CODE);
        result = outcome_find(status)->code;
        if (result != PAM_SUCCESS && !call->silent)
            pam_error(call->pam, "%s", outcome_find(status)->sentence);
    }
    explicit_bzero(code, sizeof(code));
    if (typed != NULL)
        explicit_bzero(typed, strlen(typed));
    free(typed);
    return result;
}

/* A failure without a question. */
static int
fail(const struct call *call, int status)
{
    const struct outcome *outcome = outcome_find(status);

    if (status == EXIT_NO_KEY && call->options.nullok)
        return PAM_IGNORE;
    if (!call->silent && outcome->sentence != NULL)
        pam_error(call->pam, "%s", outcome->sentence);
    return outcome->code;
}

static int
authenticate(const struct call *call)
{
    int status = find_session(call);

    if (status == EXIT_NOBODY_ASKED ||
        (status == EXIT_DONE && !call->options.cached_ok))
        return check_code(call);
    return status == EXIT_DONE ? PAM_SUCCESS : fail(call, status);
}

ENTRY
pam_sm_authenticate(pam_handle_t *pam, int flags, int argc, const char **argv)
{
    struct call call;
    int result = begin_call(&call, pam, flags, argc, argv);

    if (result == PAM_SUCCESS)
        result = authenticate(&call);
    return end_call(&call, "authentication", result);
}

ENTRY
pam_sm_acct_mgmt(pam_handle_t *pam, int flags, int argc, const char **argv)
{
    struct call call;
    int status, result = begin_call(&call, pam, flags, argc, argv);

    if (result == PAM_SUCCESS) {
        status = find_session(&call);
        result = status == EXIT_DONE ? PAM_SUCCESS : fail(&call, status);
    }
    return end_call(&call, "account", result);
}

/* What "exec" sets for a session, into the PAM environment; once. Without a
 * session there is nothing to give, which is no failure of the login. */
static void
export_session(const struct call *call)
{
    static const char *const arguments[] = {
        "--no-prompt", "exec", "--cached", "--", "/usr/bin/env", "-0", NULL};
    struct child_answer answer;

    if (!call->options.export_env ||
        pam_getenv(call->pam, "AWS_SESSION_EXPIRES") != NULL)
        return;
    (void)run(call, arguments, NULL, true, &answer);
    if (call->options.debug ||
        (answer.status != EXIT_DONE && answer.status != EXIT_NOBODY_ASKED &&
         answer.status != EXIT_NO_KEY))
        log_said(call, answer.said);
    if (answer.status == EXIT_DONE)
        module_variables_put(call->pam, answer.output, answer.length);
    module_child_free(&answer);
}

ENTRY
pam_sm_setcred(pam_handle_t *pam, int flags, int argc, const char **argv)
{
    struct call call;
    int result = begin_call(&call, pam, flags, argc, argv);

    if (result == PAM_SUCCESS && ((unsigned)flags & PAM_DELETE_CRED) == 0)
        export_session(&call);
    return end_call(&call, "credentials", result);
}

static void
free_login(pam_handle_t *pam, void *data, int status)
{
    (void)pam;
    (void)status;
    free(data);
}

/* A login that cannot be counted is let in: at worst its sessions are ended
 * too early, or not. */
static void
count_login(const struct call *call)
{
    struct login *login = malloc(sizeof(*login));

    if (login != NULL &&
        logins_add(call->user.record.pw_uid, call->options.timeout, login) ==
            0 &&
        pam_set_data(call->pam, login_name, login, free_login) == PAM_SUCCESS)
        return;
    pam_syslog(call->pam, LOG_WARNING, "this login is not counted: %s",
               strerror(errno));
    free(login);
}

ENTRY
pam_sm_open_session(pam_handle_t *pam, int flags, int argc, const char **argv)
{
    struct call call;
    int result = begin_call(&call, pam, flags, argc, argv);

    if (result == PAM_SUCCESS) {
        count_login(&call);
        export_session(&call);
    }
    return end_call(&call, "session", result);
}

static void
end_sessions(void *context)
{
    static const char *const arguments[] = {"clear", NULL};
    const struct call *call = context;

    if (call->options.clear_on_last)
        (void)ask(call, arguments, NULL, EXIT_DONE);
}

ENTRY
pam_sm_close_session(pam_handle_t *pam, int flags, int argc, const char **argv)
{
    struct call call;
    const void *login;
    int result = begin_call(&call, pam, flags, argc, argv);

    if (result == PAM_SUCCESS &&
        pam_get_data(pam, login_name, &login) == PAM_SUCCESS &&
        logins_remove(call.user.record.pw_uid, call.options.timeout, login,
                      end_sessions, &call) != 0)
        pam_syslog(pam, LOG_WARNING, "this logout is not counted: %s",
                   strerror(errno));
    return end_call(&call, "end of session", result);
}
