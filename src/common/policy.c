/*
 * The administrator's file: see policy.h. Part of libcommon: libc only, no
 * allocation, since the setuid signer reads it.
 */
#include "policy.h"

#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 };
enum { DURATION_MIN = 900, DURATION_MAX = 129600 }; /* of GetSessionToken */
enum { LIFETIME_MAX = 10 * 365 * 86400, LOGIN_TIMEOUT_MAX = 3600 };

enum setting {
    REQUIRE_MFA,
    ALLOW_UNPROTECTED_KEYS,
    ALLOWED_OPERATIONS,
    MAX_SESSION_DURATION,
    PARENT_KEY_LIFETIME,
    CACHE_SCOPE,
    REQUIRE_SESSION,
    LOGIN_TIMEOUT,
    LOGIN_SHELL,
    SETTING_COUNT
};

/* As the file names them, and what a wrong value is answered with. */
static const struct {
    const char *name, *takes;
} settings[SETTING_COUNT] = {
    [REQUIRE_MFA] = {"require_mfa", "yes or no"},
    [ALLOW_UNPROTECTED_KEYS] = {"allow_unprotected_keys", "yes or no"},
    [ALLOWED_OPERATIONS] = {"allowed_operations",
                            "names of CreateAccessKey, UpdateAccessKey, "
                            "DeleteAccessKey, ListAccessKeys, "
                            "CreateVirtualMFADevice, EnableMFADevice and "
                            "DeleteVirtualMFADevice"},
    [MAX_SESSION_DURATION] = {"max_session_duration",
                              "900 to 129600 seconds, written as 3600, 90m "
                              "or 12h"},
    [PARENT_KEY_LIFETIME] = {"parent_key_lifetime",
                             "0 or up to ten years, written as 3600, 90m or "
                             "12h"},
    [CACHE_SCOPE] = {"cache_scope", "user, session or none"},
    [REQUIRE_SESSION] = {"require_session", "yes or no"},
    [LOGIN_TIMEOUT] = {"login_timeout",
                       "1 to 3600 seconds, written as 10 or 2m"},
    [LOGIN_SHELL] = {"shell", "none or a path of 255 bytes at most"},
};

#define BIT(operation) (UINT64_C(1) << (operation))

/* What there is to choose of, and what no setting takes away. */
static const struct {
    const char *name;
    enum operation operation;
} choices[] = {
    {"CreateAccessKey", OPERATION_CREATE_ACCESS_KEY},
    {"UpdateAccessKey", OPERATION_UPDATE_ACCESS_KEY},
    {"DeleteAccessKey", OPERATION_DELETE_ACCESS_KEY},
    {"ListAccessKeys", OPERATION_LIST_ACCESS_KEYS},
    {"CreateVirtualMFADevice", OPERATION_CREATE_MFA_DEVICE},
    {"EnableMFADevice", OPERATION_ENABLE_MFA_DEVICE},
    {"DeleteVirtualMFADevice", OPERATION_DELETE_MFA_DEVICE},
    {"ListMFADevices", OPERATION_LIST_MFA_DEVICES},
    {"GetCallerIdentity", OPERATION_GET_CALLER_IDENTITY},
};
enum { CHOICE_COUNT = sizeof(choices) / sizeof(choices[0]) };
#define ALWAYS                                                                \
    (BIT(OPERATION_GET_CALLER_IDENTITY) | BIT(OPERATION_GET_SESSION_TOKEN) |  \
     BIT(OPERATION_ASSUME_ROLE) | BIT(OPERATION_LIST_MFA_DEVICES))

/*
 * The operations on MFA devices are not among them: whoever may use a stored
 * key could add a device of their own with these, and then have sessions.
 */
static const struct policy defaults = {
    .require_mfa = true,
    .allow_unprotected_keys = true,
    .allowed_operations = ALWAYS | BIT(OPERATION_CREATE_ACCESS_KEY) |
                          BIT(OPERATION_UPDATE_ACCESS_KEY) |
                          BIT(OPERATION_DELETE_ACCESS_KEY) |
                          BIT(OPERATION_LIST_ACCESS_KEYS),
    .max_session_duration = DURATION_MAX,
    .parent_key_lifetime = 0,
    .cache_scope = CACHE_USER,
    .require_session = false,
    .login_timeout = LOGIN_TIMEOUT_DEFAULT,
    .shell = "",
};

/* A part of the file; not NUL-terminated. */
struct slice {
    const char *text;
    size_t length;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct slice
trim(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin))
        begin++;
    while (end > begin && is_blank(end[-1]))
        end--;
    return (struct slice){begin, (size_t)(end - begin)};
}

static bool
equals(struct slice slice, const char *word)
{
    return slice.length == strlen(word) &&
           memcmp(slice.text, word, slice.length) == 0;
}

static int
read_yes_no(struct slice value, bool *setting)
{
    *setting = equals(value, "yes");
    return *setting || equals(value, "no") ? 0 : -1;
}

static int
read_seconds(struct slice value, unsigned minimum, unsigned maximum,
             unsigned *setting)
{
    uint64_t seconds = 0;
    size_t used = 0;

    while (used < value.length && value.text[used] >= '0' &&
           value.text[used] <= '9' && seconds <= maximum)
        seconds = 10 * seconds + (uint64_t)(value.text[used++] - '0');
    if (used == 0)
        return -1;
    if (value.length == used + 1 && value.text[used] == 'm')
        seconds *= 60;
    else if (value.length == used + 1 && value.text[used] == 'h')
        seconds *= 3600;
    else if (value.length != used)
        return -1;
    if (seconds < minimum || seconds > maximum)
        return -1;
    *setting = (unsigned)seconds;
    return 0;
}

static bool
is_between(char c)
{
    return is_blank(c) || c == ',';
}

static int
read_operations(struct slice value, uint64_t *setting)
{
    const char *p = value.text, *end = p + value.length;

    for (*setting = ALWAYS; p < end; p += p < end) {
        struct slice word = {p, 0};
        size_t i = 0;

        while (p < end && !is_between(*p))
            p++;
        word.length = (size_t)(p - word.text);
        while (i < CHOICE_COUNT && !equals(word, choices[i].name))
            i++;
        if (i < CHOICE_COUNT)
            *setting |= BIT(choices[i].operation);
        else if (word.length > 0)
            return -1;
    }
    return 0;
}

static int
read_scope(struct slice value, enum cache_scope *setting)
{
    static const char *const names[] = {[CACHE_USER] = "user",
                                        [CACHE_SESSION] = "session",
                                        [CACHE_NONE] = "none"};

    for (int i = CACHE_USER; i <= CACHE_NONE; i++)
        if (equals(value, names[i])) {
            *setting = (enum cache_scope)i;
            return 0;
        }
    return -1;
}

static int
read_path(struct slice value, char setting[POLICY_SHELL_SIZE])
{
    setting[0] = '\0';
    if (equals(value, "none"))
        return 0;
    if (value.length == 0 || value.length >= POLICY_SHELL_SIZE ||
        *value.text != '/' || memchr(value.text, '\0', value.length) != NULL)
        return -1;
    memcpy(setting, value.text, value.length);
    setting[value.length] = '\0';
    return 0;
}

static int
read_value(struct policy *policy, enum setting setting, struct slice value)
{
    switch (setting) {
    case REQUIRE_MFA:
        return read_yes_no(value, &policy->require_mfa);
    case ALLOW_UNPROTECTED_KEYS:
        return read_yes_no(value, &policy->allow_unprotected_keys);
    case ALLOWED_OPERATIONS:
        return read_operations(value, &policy->allowed_operations);
    case MAX_SESSION_DURATION:
        return read_seconds(value, DURATION_MIN, DURATION_MAX,
                            &policy->max_session_duration);
    case PARENT_KEY_LIFETIME:
        return read_seconds(value, 0, LIFETIME_MAX,
                            &policy->parent_key_lifetime);
    case CACHE_SCOPE:
        return read_scope(value, &policy->cache_scope);
    case REQUIRE_SESSION:
        return read_yes_no(value, &policy->require_session);
    case LOGIN_TIMEOUT:
        return read_seconds(value, 1, LOGIN_TIMEOUT_MAX,
                            &policy->login_timeout);
    case LOGIN_SHELL:
        return read_path(value, policy->shell);
    case SETTING_COUNT:
        break;
    }
    return -1;
}

/* One line without its newline. seen: a bit per setting. */
static int
read_line(struct policy *policy, const char *name, unsigned number,
          struct slice line, unsigned *seen, struct report *report)
{
    const char *end = line.text + line.length;
    const char *sign = memchr(line.text, '=', line.length);
    struct slice key;
    unsigned i = 0;

    if (line.length == 0 || *line.text == '#')
        return 0;
    if (sign == NULL)
        return report_set(report, "%s line %u: not of the form NAME = VALUE",
                          name, number);
    key = trim(line.text, sign);
    while (i < SETTING_COUNT && !equals(key, settings[i].name))
        i++;
    if (i == SETTING_COUNT)
        return report_set(report,
                          "%s line %u: no setting is called \"%.*s\": see "
                          "aws-session.conf(5)",
                          name, number,
                          (int)(key.length < 80 ? key.length : 80), key.text);
    if ((*seen & 1U << i) != 0)
        return report_set(report, "%s line %u: %s stands there a second time",
                          name, number, settings[i].name);
    *seen |= 1U << i;
    if (read_value(policy, (enum setting)i, trim(sign + 1, end)) != 0)
        return report_set(report, "%s line %u: %s takes %s", name, number,
                          settings[i].name, settings[i].takes);
    return 0;
}

int
policy_parse(struct policy *policy, const char *name, const char *text,
             size_t length, struct report *report)
{
    const char *p = text, *end = text + length;
    unsigned seen = 0;

    *policy = defaults;
    if (length > FILE_MAX)
        return report_set(report, "%s is longer than %d bytes", name,
                          FILE_MAX);
    for (unsigned number = 1; p < end; number++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        if (stop == NULL)
            stop = end;
        if (read_line(policy, name, number, trim(p, stop), &seen, report) != 0)
            return -1;
        p = stop + (stop < end);
    }
    return 0;
}

/* Whether nobody but root could have written what the descriptor reads. */
static int
check_trust(int fd, struct report *report)
{
    struct stat file;

    if (fstat(fd, &file) != 0)
        return report_set(report, POLICY_PATH ": %s", strerror(errno));
    if (!S_ISREG(file.st_mode))
        return report_set(report, POLICY_PATH " is not a regular file");
    if (file.st_uid != 0 || (file.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return report_set(report, POLICY_PATH " is not trusted: as root, "
                                              "\"chown root\" and \"chmod "
                                              "644\" it");
    return 0;
}

int
policy_load(struct policy *policy, struct report *report)
{
    static char text[FILE_MAX + 1]; /* the caller may have set a small stack */
    size_t length = 0;
    ssize_t got = 0;
    int result = -1;
    int fd = open(POLICY_PATH,
                  O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && errno == ENOENT)
        return policy_parse(policy, POLICY_PATH, text, 0, report);
    if (fd < 0 && errno == ELOOP)
        return report_set(report, POLICY_PATH " is a symbolic link: put the "
                                              "file itself there");
    if (fd < 0)
        return report_set(report, POLICY_PATH ": %s", strerror(errno));
    if (check_trust(fd, report) != 0)
        goto done;
    do {
        got = read(fd, text + length, sizeof(text) - length);
        length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && length < sizeof(text));
    if (got < 0)
        report_set(report, POLICY_PATH ": %s", strerror(errno));
    else
        result = policy_parse(policy, POLICY_PATH, text, length, report);
done:
    close(fd);
    return result;
}
