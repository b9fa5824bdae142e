/*
 * Whether to rotate at all: see rotation_consent.h. Part of aws-session.
 */
#include "rotation_consent.h"

#include "dialog.h"
#include "duration.h"
#include "policy.h"

#include <stdio.h>
#include <string.h>

enum { WARNING_SIZE = 768, LIFETIME_SIZE = 96 };

/* How long the signer will keep the new secret. */
static int
name_lifetime(char lifetime[LIFETIME_SIZE], struct report *report)
{
    struct policy policy;
    char text[DURATION_SIZE];

    if (policy_load(&policy, report) != 0)
        return -1;
    duration_format(policy.parent_key_lifetime, text);
    if (policy.parent_key_lifetime == 0)
        snprintf(lifetime, LIFETIME_SIZE, "until the next boot");
    else
        snprintf(lifetime, LIFETIME_SIZE,
                 "for %s (parent_key_lifetime) or until a boot", text);
    return 0;
}

static int
write_warning(char warning[WARNING_SIZE], const struct rotation *rotation,
              struct report *report)
{
    bool in_file = strcmp(rotation->file_key, rotation->current) == 0;
    char lifetime[LIFETIME_SIZE];

    if (name_lifetime(lifetime, report) != 0)
        return -1;
    snprintf(warning, WARNING_SIZE,
             "the new secret will be in the keyring only, %s; after that "
             "you need another key, from the IAM console, and aws-session "
             "add%s%.400s%s",
             lifetime, in_file ? ". The key in " : "",
             in_file ? rotation->file_place : "",
             in_file ? " will be worth nothing" : "");
    return 0;
}

enum exit_status
rotation_consent(const struct rotation *rotation, bool force,
                 struct report *report)
{
    char warning[WARNING_SIZE], question[REPORT_SIZE];

    /* No new secret is made any more: the old key only has to go. */
    if (force || strcmp(rotation->note.new_id, rotation->current) == 0)
        return EXIT_DONE;
    if (write_warning(warning, rotation, report) != 0)
        return EXIT_FAILED;
    snprintf(question, sizeof(question),
             "Replace access key %.128s of profile %.100s? Note that %.700s. "
             "Rotate?",
             rotation->current, rotation->profile.base, warning);
    report_clean(question);
    switch (dialog_confirm(question)) {
    case DIALOG_YES:
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report, "nothing was rotated");
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report,
               "nothing was rotated, since %s: %s. If that is meant, give "
               "--force",
               terminal_absence(), warning);
    return EXIT_NOBODY_ASKED;
}
