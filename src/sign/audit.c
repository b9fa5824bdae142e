/*
 * The audit line: see audit.h. Part of aws-session-sign.
 *
 * By syslog(3), so that this program itself calls neither socket() nor
 * connect(): tests/test_links.py shows that. syslog(3) waits for as long as a
 * log daemon does not read, hence the timer.
 */
#include "audit.h"

#include "operation.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

enum { NAME_MAX_SHOWN = 128, NAME_SIZE = 3 * NAME_MAX_SHOWN + 1 };
enum { TICK_US = 100 * 1000 };

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

static void
wake(int signal_number)
{
    (void)signal_number;
}

/* Each tick ends one wait of syslog(3), which gives up after its second. */
static void
send_line(int priority, const char *line)
{
    const struct itimerval ticks = {{0, TICK_US}, {0, TICK_US}};
    const struct sigaction interrupt = {.sa_handler = wake};
    struct itimerval lifetime;
    struct sigaction end;

    openlog("aws-session-sign", LOG_PID, LOG_AUTHPRIV);
    if (sigaction(SIGALRM, &interrupt, &end) != 0)
        return;
    (void)setitimer(ITIMER_REAL, &ticks, &lifetime);
    syslog(priority, "%s", line);
    (void)setitimer(ITIMER_REAL, &lifetime, NULL);
    (void)sigaction(SIGALRM, &end, NULL);
}

/* The begin of every line: who it was, as far as the kernel knows. */
static void
show_caller(char shown[64], uid_t caller)
{
    char login[16], session[16];

    show_login(login, "/proc/self/loginuid");
    show_login(session, "/proc/self/sessionid");
    snprintf(shown, 64, "uid=%u auid=%s ses=%s", caller, login, session);
}

void
audit_write_end(const char *reason, uid_t caller)
{
    char who[64], line[256];

    show_caller(who, caller);
    snprintf(line, sizeof(line),
             "%s profile=- key=- op=unknown mfa=no result=refused:%s", who,
             reason);
    send_line(LOG_WARNING, line);
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
    char who[64], profile[NAME_SIZE], key[NAME_SIZE];
    char line[2 * NAME_SIZE + 256];
    size_t ignored;

    if (message_type(request) == MESSAGE_SIGN_DESCRIBE &&
        (refusal == 0 || refusal == REFUSAL_NO_KEY))
        return;
    show_caller(who, caller);
    show_name(profile, request, FIELD_PROFILE);
    show_name(key, refusal != 0 ? request : reply, FIELD_ACCESS_KEY_ID);
    /* AWS's ids have nothing else: this may be a secret in the wrong place. */
    if (key[strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] != '\0')
        snprintf(key, sizeof(key), "-");
    snprintf(line, sizeof(line),
             "%s profile=%s key=%s op=%s mfa=%s result=%s%s", who,
             message_bytes(request, FIELD_PROFILE, &ignored) != NULL
                 ? profile
                 : "(inline)",
             key, act_name(request),
             message_bytes(request, FIELD_TOKEN_CODE, &ignored) != NULL ? "yes"
                                                                        : "no",
             refusal != 0 ? "refused:" : "done", refusals[refusal]);
    send_line(refusal != 0 ? LOG_WARNING : LOG_NOTICE, line);
}
