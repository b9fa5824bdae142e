/*
 * aws-session-sign: builds and signs one AWS request, or stores or removes one
 * parent key, and ends.
 *
 * Started by aws-session with one socket as standard input and output, setuid
 * to a service user where it is installed so. It is the only program that can
 * read a protected parent key. It must never use the network, become the
 * caller again, sign bytes that it did not build, or print a secret.
 *
 * main reads like the list of its acts; privilege.h says what each does.
 */
#include "audit.h"
#include "message.h"
#include "policy.h"
#include "privilege.h"
#include "request.h"
#include "sigv4.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_FAILED = 125 };
enum { RECEIVE_MS = 10 * 1000, LIFETIME_SECONDS = 15 };

#define ACCEPTED                                                              \
    (MESSAGE_BIT(MESSAGE_SIGN_DESCRIBE) | MESSAGE_BIT(MESSAGE_SIGN_REQUEST) | \
     MESSAGE_BIT(MESSAGE_KEY_STORE) | MESSAGE_BIT(MESSAGE_KEY_REMOVE))

/* No arguments, and one local stream socket as both 0 and 1: no terminal, no
 * pipe, no network. */
static int
check_start(int argc, struct report *report)
{
    struct stat in, out;
    int domain = -1, type = -1;
    socklen_t size = sizeof(int);

    if (argc > 1)
        return report_set(report, "takes no arguments: it is part of "
                                  "aws-session");
    if (fstat(STDIN_FILENO, &in) != 0 || fstat(STDOUT_FILENO, &out) != 0 ||
        in.st_dev != out.st_dev || in.st_ino != out.st_ino ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        domain != AF_UNIX || type != SOCK_STREAM)
        return report_set(report, "this program is started by aws-session, "
                                  "with a socket as its input and output");
    return 0;
}

/* Killed, as by Ctrl-C: then a sentence would only be in the way of what
 * stands on the terminal by now. */
static bool
caller_is_gone(void)
{
    struct pollfd caller = {.fd = STDOUT_FILENO};

    return poll(&caller, 1, 0) == 1 && (caller.revents & POLLHUP) != 0;
}

/* What went wrong before there was a reply: to the log where the caller may
 * have tried something (reason, a word of ours, or NULL), and to the person.
 */
static void
say_why(const char *reason, uid_t caller, const struct report *report)
{
    if (reason != NULL)
        audit_write_end(reason, caller);
    if (!caller_is_gone())
        (void)dprintf(STDERR_FILENO, "aws-session-sign: %s\n", report->text);
}

int
main(int argc, char **argv)
{
    struct privilege privilege;
    struct policy policy;
    struct message request = {0}, reply = {0};
    struct report report = {""};
    const char *reason = NULL;
    int status = argc > 1 ? EXIT_USAGE : EXIT_FAILED;

    (void)argv;
    if (privilege_note_ids(&privilege, &report) != 0 ||
        privilege_open_standard_files(&report) != 0 ||
        privilege_forbid_dumps(&report) != 0 ||
        privilege_refuse_tracer(&report) != 0 ||
        privilege_drop_inherited(LIFETIME_SECONDS, &report) != 0 ||
        check_start(argc, &report) != 0)
        goto done;
    privilege_link_keyrings(&privilege);
    if (privilege_change_ids(&privilege, &report) != 0)
        goto done;
    reason = "bad-policy";
    if (policy_load(&policy, &report) != 0)
        goto done;
    reason = "bad-message";
    /* All ids are changed for good. No secret came in before this line. */
    if (sigv4_start(&report) != 0 ||
        message_receive(STDIN_FILENO, &request, ACCEPTED, RECEIVE_MS,
                        &report) != MESSAGE_OK)
        goto done;
    reason = NULL;
    request_answer(&reply, &request, &privilege, &policy);
    audit_write(&request, &reply, privilege.caller);
    if (message_send(STDOUT_FILENO, &reply, &report) == 0)
        status = 0;
done:
    message_free(&request);
    message_free(&reply);
    if (status != 0)
        say_why(reason, privilege.caller, &report);
    _exit(status); /* without the exit handlers of libraries */
}
