/*
 * Values of a profile: see profile_value.h. Part of aws-session.
 */
#include "profile_value.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#define WORD "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

static const struct {
    const char *key;
    size_t min;
    size_t max;
    const char *allowed; /* NULL: printable ASCII without blanks */
    bool quoted;         /* a report may show the value */
} rules[] = {
    /* AWS says 16 at least; emulators have shorter ones. It is not shown: it
       might be the secret in the wrong place. */
    [VALUE_ACCESS_KEY_ID] = {"aws_access_key_id", 1, 128, WORD, false},
    [VALUE_ROLE_ARN] = {"role_arn", 20, 2048, NULL, true},
    [VALUE_ROLE_SESSION_NAME] = {"role_session_name", 2, 64, WORD "+=,.@-",
                                 true},
    [VALUE_EXTERNAL_ID] = {"external_id", 2, 1224, WORD "+=,.@:/-", true},
    [VALUE_MFA_SERIAL] = {"mfa_serial", 9, 256, WORD "+=/:,.@-", true},
};

static bool
is_allowed(const char *value, const char *allowed)
{
    if (allowed != NULL)
        return value[strspn(value, allowed)] == '\0';
    for (; *value != '\0'; value++) {
        if (*value <= ' ' || *value > '~')
            return false;
    }
    return true;
}

const char *
profile_value_hint(const char *value)
{
    if (strchr(value, '\n') != NULL)
        return "; the indented line after it counts as a part of it";
    if (strstr(value, " #") != NULL || strstr(value, " ;") != NULL ||
        strstr(value, "\t#") != NULL || strstr(value, "\t;") != NULL)
        return "; inline comments are not supported, put it on a line of its "
               "own";
    if (*value == '"' || *value == '\'')
        return "; quotes count as a part of it";
    return "";
}

int
profile_value_check(enum profile_value kind, const char *value,
                    const char *where, struct report *report)
{
    const char *key = rules[kind].key;
    const char *shown = rules[kind].quoted ? value : "...";
    size_t length = strlen(value);

    if (length == 0)
        return report_set(report,
                          "%s: %s is empty; give it a value or remove it",
                          where, key);
    if (!is_allowed(value, rules[kind].allowed))
        return report_set(report,
                          "%s: %s '%.200s' has a character that AWS does not "
                          "allow there%s",
                          where, key, shown, profile_value_hint(value));
    if (length < rules[kind].min || length > rules[kind].max)
        return report_set(report,
                          "%s: %s '%.200s' has %zu characters; AWS takes %zu "
                          "to %zu",
                          where, key, shown, length, rules[kind].min,
                          rules[kind].max);
    if (kind == VALUE_MFA_SERIAL && strstr(value, ":u2f/") != NULL)
        return report_set(report,
                          "%s: mfa_serial '%.200s' is a security key, which "
                          "gives no codes: name an authenticator app",
                          where, value);
    if (kind == VALUE_ROLE_ARN &&
        (strncmp(value, "arn:", 4) != 0 || strstr(value, ":role/") == NULL))
        return report_set(report,
                          "%s: role_arn '%.200s' names no role; it looks like "
                          "arn:aws:iam::123456789012:role/NAME",
                          where, value);
    return 0;
}

bool
profile_value_number(const char *text, long *number)
{
    static const char blanks[] = " \t\n\r\v\f";
    bool negative;
    bool digit = false;

    text += strspn(text, blanks);
    negative = *text == '-';
    text += *text == '-' || *text == '+';
    for (*number = 0; *text != '\0'; text++) {
        if (*text == '_' && digit && text[1] >= '0' && text[1] <= '9')
            continue;
        if (*text < '0' || *text > '9')
            break;
        digit = true;
        if (*number > (LONG_MAX - 9) / 10)
            *number = (LONG_MAX - 9) / 10;
        *number = *number * 10 + (*text - '0');
    }
    if (negative)
        *number = -*number;
    return digit && text[strspn(text, blanks)] == '\0';
}

void
profile_value_clean_session_name(char *name)
{
    const char *allowed = rules[VALUE_ROLE_SESSION_NAME].allowed;

    for (name += strspn(name, allowed); *name != '\0';
         name += strspn(name, allowed))
        *name = '-';
}
