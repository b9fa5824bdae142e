/*
 * Variables for the PAM environment: see module_variables.h. Part of the PAM
 * module.
 */
#include "module_variables.h"

#include <stdbool.h>
#include <string.h>

/* What src/cli/environment.c sets; tests/test_pam.py compares. */
static const char *const names[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_CHANGE",
    "AWS_SESSION_EXPIRATION",
    "AWS_SESSION_EXPIRES",
    "AWS_SESSION_FOR_PROFILE",
    "AWS_SESSION_PARENT_KEY_ID",
    "AWS_SESSION_PROFILE",
    "AWS_SESSION_TOKEN",
};

static bool
is_of_a_session(const char *entry)
{
    size_t length = strcspn(entry, "=");

    if (entry[length] != '=')
        return false; /* to pam_putenv it would be a removal */
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == length && memcmp(entry, names[i], length) == 0)
            return true;
    return false;
}

void
module_variables_put(pam_handle_t *pam, const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end) {
        size_t entry = strnlen(text, (size_t)(end - text));

        if (text + entry < end && is_of_a_session(text))
            (void)pam_putenv(pam, text);
        text += entry + 1;
    }
}
