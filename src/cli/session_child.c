/*
 * A session that a child process gets: see session_child.h. Part of
 * aws-session.
 *
 * The child has the caller's keyring, files and terminal, and never the way
 * back to the ids that it was started with.
 */
#include "session_child.h"

#include "deadline.h"
#include "descriptors.h"
#include "login/user_ids.h"
#include "message.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REAP_MS = 1000, REAP_STEP_MS = 5 };

static const uint64_t from_child = MESSAGE_BIT(MESSAGE_SESSION_ASKING) |
                                   MESSAGE_BIT(MESSAGE_SESSION_TOLD) |
                                   MESSAGE_BIT(MESSAGE_SESSION_GOT) |
                                   MESSAGE_BIT(MESSAGE_SESSION_FAILED);

int
session_child_become(const struct passwd *user, struct report *report)
{
    if (initgroups(user->pw_name, user->pw_gid) != 0 ||
        user_ids_drop(user->pw_uid, user->pw_gid) != 0)
        return report_set(report, "cannot become user %.100s: %s",
                          user->pw_name, strerror(errno));
    if (setenv("HOME", user->pw_dir, 1) != 0 ||
        setenv("USER", user->pw_name, 1) != 0 ||
        setenv("LOGNAME", user->pw_name, 1) != 0)
        return report_set(report, "setting HOME: %s", strerror(errno));
    return 0;
}

/* What root has open is not for the user's mfa_process. Returns where the
 * socket is afterwards. */
static int
keep_only(int socket)
{
    const int kept = STDERR_FILENO + 1;

    if (socket != kept && dup3(socket, kept, O_CLOEXEC) < 0)
        _exit(EXIT_FAILED);
    descriptors_close_from((unsigned)kept + 1);
    return kept;
}

/* In the child: what it got, or why not, to the parent. */
static void
hand_over(int fd, enum exit_status status, const struct profile *profile,
          const struct session *session, const char *text)
{
    struct message message = {0};
    struct report failure;

    if (status == EXIT_DONE) {
        message_begin(&message, MESSAGE_SESSION_GOT);
        message_put_text(&message, FIELD_PROFILE, profile->name);
        message_put_text(&message, FIELD_REGION, profile->region);
        message_put_number(&message, FIELD_IN_FILES, profile->in_files);
        message_put_text(&message, FIELD_ACCESS_KEY_ID,
                         session->access_key_id.data);
        message_put_bytes(&message, FIELD_SECRET_ACCESS_KEY,
                          session->secret_access_key.data,
                          session->secret_access_key.length);
        message_put_bytes(&message, FIELD_SESSION_TOKEN,
                          session->session_token.data,
                          session->session_token.length);
        message_put_number(&message, FIELD_EXPIRATION, session->expiration);
        if (message_send(fd, &message, &failure) == 0) {
            message_free(&message);
            return;
        }
        status = EXIT_FAILED;
        text = failure.text;
    }
    message_begin(&message, MESSAGE_SESSION_FAILED);
    message_put_number(&message, FIELD_EXIT_STATUS, status);
    message_put_text(&message, FIELD_TEXT, text);
    (void)message_send(fd, &message, &failure);
    message_free(&message);
}

/* In the child: our end of the socket. */
static int to_parent = -1;

void
session_child_tell(unsigned about, const char *text)
{
    struct message message = {0};
    struct report ignored;

    message_begin(&message, MESSAGE_SESSION_TOLD);
    message_put_number(&message, FIELD_ABOUT, about);
    message_put_text(&message, FIELD_TEXT, text);
    (void)message_send(to_parent, &message, &ignored);
    message_free(&message);
}

/* The whole life of the child. */
static _Noreturn void
run_child(const struct session_child *child,
          const struct session_options *options, int fd, pid_t parent)
{
    struct profile profile = {0};
    struct session session = {0};
    struct report report = {""};
    enum exit_status status = EXIT_FAILED;

    if (child->user != NULL)
        fd = keep_only(fd);
    if (child->user == NULL ||
        session_child_become(child->user, &report) == 0) {
        /* After the change of ids, which clears it. */
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_FAILED);
        to_parent = fd;
        deadline_serve(fd);
        status = (child->get != NULL ? child->get : session_get)(
            options, &profile, &session, &report);
    }
    hand_over(fd, status, &profile, &session, report.text);
    session_free(&session);
    profile_free(&profile);
    _exit(EXIT_DONE);
}

static void
take_told(const struct session_child *child, const struct message *message)
{
    char text[REPORT_SIZE];

    if (child->told != NULL &&
        message_text(message, FIELD_TEXT, text, sizeof(text)) >= 0)
        child->told(child->to,
                    (unsigned)message_number(message, FIELD_ABOUT, 0), text);
}

/* The answer, once it is there; time is counted while nobody is asked. */
static enum message_result
await(const struct session_child *child, int fd, struct message *message,
      struct report *report)
{
    int64_t left = (int64_t)child->seconds * 1000;
    bool asking = false;

    for (;;) {
        int64_t begin = deadline_clock();
        bool counts = child->seconds > 0 && !asking;
        enum message_result result = message_receive(
            fd, message, from_child, counts ? (int)left : -1, report);

        if (result != MESSAGE_OK)
            return result;
        if (message_type(message) == MESSAGE_SESSION_ASKING)
            asking = message_number(message, FIELD_ASKING, 0) != 0;
        else if (message_type(message) == MESSAGE_SESSION_TOLD)
            take_told(child, message);
        else
            return result;
        message_free(message);
        if (counts)
            left -= deadline_clock() - begin;
        if (left < 0)
            left = 0;
    }
}

static enum exit_status
take_session(const struct message *message, struct profile *profile,
             struct session *session, struct report *report)
{
    profile->name = message_text_copy(message, FIELD_PROFILE);
    profile->region = message_text_copy(message, FIELD_REGION);
    profile->in_files = message_number(message, FIELD_IN_FILES, 0) != 0;
    session->expiration = message_number(message, FIELD_EXPIRATION, 0);
    if (profile->name != NULL &&
        message_secret(message, FIELD_ACCESS_KEY_ID,
                       &session->access_key_id) == 0 &&
        message_secret(message, FIELD_SECRET_ACCESS_KEY,
                       &session->secret_access_key) == 0 &&
        message_secret(message, FIELD_SESSION_TOKEN,
                       &session->session_token) == 0)
        return EXIT_DONE;
    report_set(report, "out of memory");
    return EXIT_FAILED;
}

static enum exit_status
take_failure(const struct message *message, struct report *report)
{
    int64_t status = message_number(message, FIELD_EXIT_STATUS, EXIT_FAILED);
    char text[REPORT_SIZE];

    if (message_text(message, FIELD_TEXT, text, sizeof(text)) < 0)
        text[0] = '\0';
    report_set(report, "%s", text);
    return status > EXIT_DONE && status <= EXIT_NOT_FOUND
               ? (enum exit_status)status
               : EXIT_FAILED;
}

static void
end_line(void)
{
    int terminal = terminal_open();

    if (terminal < 0)
        return;
    terminal_write(terminal, "\n");
    close(terminal);
}

/* It ended without an answer. */
static void
report_death(int status, struct report *report)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (number == SIGINT || number == SIGQUIT) {
        end_line(); /* the terminal has written ^C */
        report_set(report, "no MFA code was given");
    } else if (number != 0)
        report_set(report,
                   "the process that gets the session was ended by "
                   "signal %d",
                   number);
    else
        report_set(report, "the process that gets the session has failed");
}

/*
 * Reap the child. One that had to be killed may sit in the kernel until a dead
 * file server answers: do not wait for that.
 */
static int
reap(pid_t pid, bool killed)
{
    const struct timespec step = {.tv_nsec = REAP_STEP_MS * 1000000L};
    int status = 0;

    if (!killed) {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        return status;
    }
    (void)kill(pid, SIGKILL);
    for (int i = 0; i < REAP_MS / REAP_STEP_MS; i++) {
        if (waitpid(pid, &status, WNOHANG) != 0)
            break;
        (void)nanosleep(&step, NULL);
    }
    return status;
}

/* Take the answer of the child, and see that nothing of it stays. */
static enum exit_status
finish(const struct session_child *child, pid_t pid, int fd,
       struct profile *profile, struct session *session, struct report *report)
{
    struct message message = {0};
    enum message_result result = await(child, fd, &message, report);
    enum exit_status exit_status = EXIT_FAILED;
    int status;

    close(fd);
    status = reap(pid, result != MESSAGE_OK && result != MESSAGE_END);
    if (result == MESSAGE_TIMED_OUT)
        report_set(report, "no session within %u seconds", child->seconds);
    else if (result == MESSAGE_END)
        report_death(status, report);
    else if (result == MESSAGE_OK)
        exit_status = message_type(&message) == MESSAGE_SESSION_GOT
                          ? take_session(&message, profile, session, report)
                          : take_failure(&message, report);
    message_free(&message);
    return exit_status;
}

enum exit_status
session_child_get(const struct session_child *child,
                  const struct session_options *options,
                  struct profile *profile, struct session *session,
                  struct report *report)
{
    enum exit_status status = EXIT_FAILED;
    pid_t pid, parent = getpid();
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        report_set(report, "socketpair: %s", strerror(errno));
        return EXIT_FAILED;
    }
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        run_child(child, options, fds[1], parent);
    }
    close(fds[1]);
    if (pid < 0) {
        report_set(report, "cannot start a process: %s", strerror(errno));
        close(fds[0]);
    } else {
        status = finish(child, pid, fds[0], profile, session, report);
    }
    return status;
}
