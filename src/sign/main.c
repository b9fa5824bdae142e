/*
 * aws-session-sign: builds and signs one AWS request, and ends.
 *
 * Started by aws-session with one socket as standard input and output, setuid
 * to a service user where it is installed so. It is the only program that can
 * read a protected parent key. It must never use the network, become the
 * caller again, sign bytes that it did not build, or print a secret.
 *
 * main reads like the list of its acts; privilege.h says what each does.
 */
#include "message.h"
#include "privilege.h"
#include "request.h"
#include "sigv4.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_FAILED = 125 };
enum { RECEIVE_MS = 10 * 1000, LIFETIME_SECONDS = 15 };

#define ACCEPTED                                                              \
    (MESSAGE_BIT(MESSAGE_SIGN_DESCRIBE) | MESSAGE_BIT(MESSAGE_SIGN_REQUEST))

/* One local stream socket as both 0 and 1: no terminal, pipe or network. */
static int
check_socket(struct report *report)
{
    struct stat in, out;
    int domain = -1, type = -1;
    socklen_t size = sizeof(int);

    if (fstat(STDIN_FILENO, &in) != 0 || fstat(STDOUT_FILENO, &out) != 0 ||
        in.st_dev != out.st_dev || in.st_ino != out.st_ino ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 ||
        getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        domain != AF_UNIX || type != SOCK_STREAM)
        return report_set(report, "this program is started by aws-session, "
                                  "with a socket as its input and output");
    return 0;
}

int
main(int argc, char **argv)
{
    struct privilege privilege;
    struct message request = {0}, reply = {0};
    struct report report = {""};
    int status = EXIT_FAILED;

    (void)argv;
    if (privilege_note_ids(&privilege, &report) != 0 ||
        privilege_open_standard_files(&report) != 0 ||
        privilege_forbid_dumps(&report) != 0 ||
        privilege_refuse_tracer(&report) != 0 ||
        privilege_drop_inherited(LIFETIME_SECONDS, &report) != 0)
        goto done;
    if (argc > 1) {
        report_set(&report, "takes no arguments: it is part of aws-session");
        status = EXIT_USAGE;
        goto done;
    }
    if (check_socket(&report) != 0)
        goto done;
    privilege_link_keyrings(&privilege);
    if (privilege_change_ids(&privilege, &report) != 0)
        goto done;
    /* No secret before this line. */
    if (sigv4_start(&report) != 0 ||
        message_receive(STDIN_FILENO, &request, ACCEPTED, RECEIVE_MS,
                        &report) != MESSAGE_OK)
        goto done;
    request_answer(&reply, &request, &privilege);
    if (message_send(STDOUT_FILENO, &reply, &report) == 0)
        status = 0;
done:
    message_free(&request);
    message_free(&reply);
    if (status != 0)
        (void)dprintf(STDERR_FILENO, "aws-session-sign: %s\n", report.text);
    _exit(status); /* no exit handlers: nothing of ours is left to do */
}
