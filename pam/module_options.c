/*
 * The options of the PAM module: see module_options.h.
 */
#include "module_options.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum { TIMEOUT_DEFAULT = 20, TIMEOUT_MOST = 600, MIN_UID_DEFAULT = 1000 };

enum kind { KIND_FLAG, KIND_STRING, KIND_SECONDS, KIND_UID, KIND_LAST };

/* A name, with '=' if it takes a value, and where the value goes. */
static const struct rule {
    const char *name;
    enum kind kind;
    size_t offset;
} rules[] = {
    {"cached_ok", KIND_FLAG, offsetof(struct module_options, cached_ok)},
    {"debug", KIND_FLAG, offsetof(struct module_options, debug)},
    {"export_env", KIND_FLAG, offsetof(struct module_options, export_env)},
    {"min_uid=", KIND_UID, offsetof(struct module_options, min_uid)},
    {"nullok", KIND_FLAG, offsetof(struct module_options, nullok)},
    {"on_last_logout=", KIND_LAST,
     offsetof(struct module_options, clear_on_last)},
    {"profile=", KIND_STRING, offsetof(struct module_options, profile)},
    {"prompt=", KIND_STRING, offsetof(struct module_options, prompt)},
    {"timeout=", KIND_SECONDS, offsetof(struct module_options, timeout)},
};

/* A number in digits only. Returns 0, or -1 if it is none of the range. */
static int
parse_number(const char *text, unsigned long least, unsigned long most,
             unsigned long *number)
{
    char *end;

    errno = 0;
    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
                   *number >= least && *number <= most
               ? 0
               : -1;
}

/* Returns 0, or -1 if the value is of no use. */
static int
take(const struct rule *rule, const char *value, void *place)
{
    unsigned long number;

    switch (rule->kind) {
    case KIND_FLAG:
        *(bool *)place = true;
        return 0;
    case KIND_STRING:
        *(const char **)place = value;
        return value[0] != '\0' ? 0 : -1;
    case KIND_SECONDS:
        if (parse_number(value, 1, TIMEOUT_MOST, &number) != 0)
            return -1;
        *(unsigned *)place = (unsigned)number;
        return 0;
    case KIND_UID:
        if (parse_number(value, 0, (uid_t)-2, &number) != 0)
            return -1;
        *(uid_t *)place = (uid_t)number;
        return 0;
    case KIND_LAST:
        *(bool *)place = strcmp(value, "clear") == 0;
        return *(bool *)place || strcmp(value, "keep") == 0 ? 0 : -1;
    }
    return -1;
}

static const struct rule *
find_rule(const char *argument)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        size_t length = strlen(rules[i].name);

        if (rules[i].kind == KIND_FLAG
                ? strcmp(argument, rules[i].name) == 0
                : strncmp(argument, rules[i].name, length) == 0)
            return &rules[i];
    }
    return NULL;
}

int
module_options_parse(struct module_options *options, pam_handle_t *pam,
                     int argc, const char **argv)
{
    *options = (struct module_options){.prompt = "AWS MFA code: ",
                                       .timeout = TIMEOUT_DEFAULT,
                                       .min_uid = MIN_UID_DEFAULT};
    for (int i = 0; i < argc; i++) {
        const struct rule *rule = find_rule(argv[i]);

        if (rule == NULL || take(rule, argv[i] + strlen(rule->name),
                                 (char *)options + rule->offset) != 0) {
            pam_syslog(pam, LOG_ERR,
                       "%s option '%.100s': correct it, see "
                       "pam_aws_session(8)",
                       rule == NULL ? "unknown" : "wrong", argv[i]);
            return PAM_SERVICE_ERR;
        }
    }
    return PAM_SUCCESS;
}
