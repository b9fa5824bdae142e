/*
 * The audit line: see audit.h. Part of aws-session-sign.
 *
 * Not syslog(3): that waits while a log daemon does not read, repeats itself
 * without end when one restarts, and reads the time zone file.
 */
#include "audit.h"

#include "operation.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

enum { NAME_MAX_SHOWN = 128, NAME_SIZE = 3 * NAME_MAX_SHOWN + 1 };

static const char *const refusals[] = {
    [0] = "",
    [REFUSAL_BAD_FIELD] = "bad-field",
    [REFUSAL_NO_KEY] = "no-key",
    [REFUSAL_BAD_KEY] = "bad-key",
    [REFUSAL_INTERNAL] = "internal",
    [REFUSAL_POLICY] = "policy",
    [REFUSAL_EXISTS] = "exists",
    [REFUSAL_FULL] = "full",
};

/* A text field in plain characters, cut; "-" if it is absent or empty. */
static void
show_name(char shown[NAME_SIZE], const struct message *message,
          enum message_field field)
{
    size_t length = 0;
    const char *text = message_bytes(message, field, &length);
    struct secret encoded = {0};

    if (length > NAME_MAX_SHOWN)
        length = NAME_MAX_SHOWN;
    if (text == NULL ||
        append_encoded(&encoded, text, length, WORD "-.~+=,@/:") != 0)
        length = 0;
    snprintf(shown, NAME_SIZE, "%s", length > 0 ? encoded.data : "-");
    secret_free(&encoded);
}

/* The number in a file of /proc/self; "unset" as long as no login set it. */
static void
show_login(char shown[16], const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, shown, 15);

    if (fd >= 0)
        close(fd);
    shown[length > 0 ? length : 0] = '\0';
    shown[strspn(shown, "0123456789")] = '\0';
    if (shown[0] == '\0' || strcmp(shown, "4294967295") == 0)
        snprintf(shown, 16, "unset");
}

static const char *
act_name(const struct message *request)
{
    const struct operation_rule *operation;

    if (message_type(request) == MESSAGE_KEY_STORE)
        return "store";
    if (message_type(request) == MESSAGE_KEY_REMOVE)
        return "remove";
    operation = operation_find(message_number(request, FIELD_OPERATION, 0));
    return operation != NULL ? operation->name : "unknown";
}

/* A datagram, or a stream as some daemons have it (glibc tries both, too). */
static void
send_line(const char *line, size_t length)
{
    static const struct sockaddr_un address = {AF_UNIX, _PATH_LOG};
    static const int types[] = {SOCK_DGRAM, SOCK_STREAM};

    for (int i = 0; i < 2; i++) {
        int fd = socket(AF_UNIX, types[i] | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        ssize_t sent = -1;

        if (fd < 0)
            return;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
            0)
            /* In a stream the NUL ends a line. */
            sent = send(fd, line, length + (size_t)i, MSG_NOSIGNAL);
        close(fd);
        if (sent >= 0)
            return;
    }
}

void
audit_write(const struct message *request, const struct message *reply,
            uid_t caller)
{
    int64_t refusal = reply->frame.length == 0
                          ? REFUSAL_INTERNAL /* no memory */
                      : message_type(reply) == MESSAGE_SIGN_REFUSED
                          ? message_number(reply, FIELD_REFUSAL, 0)
                          : 0;
    int priority = LOG_AUTHPRIV | (refusal != 0 ? LOG_WARNING : LOG_NOTICE);
    char login[16], session[16], profile[NAME_SIZE], key[NAME_SIZE];
    char line[2 * NAME_SIZE + 256];
    size_t ignored;
    int length;

    if (message_type(request) == MESSAGE_SIGN_DESCRIBE &&
        (refusal == 0 || refusal == REFUSAL_NO_KEY))
        return;
    show_login(login, "/proc/self/loginuid");
    show_login(session, "/proc/self/sessionid");
    show_name(profile, request, FIELD_PROFILE);
    show_name(key, refusal != 0 ? request : reply, FIELD_ACCESS_KEY_ID);
    length = snprintf(
        line, sizeof(line),
        "<%d>aws-session-sign[%d]: uid=%u auid=%s ses=%s profile=%s key=%s "
        "op=%s mfa=%s result=%s%s",
        priority, (int)getpid(), caller, login, session,
        message_bytes(request, FIELD_PROFILE, &ignored) != NULL ? profile
                                                                : "(inline)",
        key, act_name(request),
        message_bytes(request, FIELD_TOKEN_CODE, &ignored) != NULL ? "yes"
                                                                   : "no",
        refusal != 0 ? "refused:" : "done", refusals[refusal]);
    if (length > 0 && (size_t)length < sizeof(line))
        send_line(line, (size_t)length);
}
