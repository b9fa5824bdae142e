/*
 * aws-session remove: have the signer remove a stored key.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "dialog.h"
#include "exit_status.h"
#include "keys/parent_key.h"
#include "keys/stored_profile.h"

#include <stdio.h>

/* Returns EXIT_DONE if it may be removed, else the report is filled. */
static enum exit_status
confirm(const char *profile, const struct parent_key *key,
        struct report *report)
{
    char question[REPORT_SIZE];

    snprintf(question, sizeof(question),
             "Remove the stored key %s%sof profile %.100s?",
             key->access_key_id, key->access_key_id[0] != '\0' ? " " : "",
             profile);
    report_clean(question);
    switch (dialog_confirm(question)) {
    case DIALOG_YES:
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report, "the stored key of profile %.100s stays", profile);
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report,
               "%s whether to remove the stored key of profile %.100s: give "
               "--force",
               terminal_absence(), profile);
    return EXIT_NOBODY_ASKED;
}

int
command_remove(const struct options *options, struct report *report)
{
    const char *profile = stored_profile_choose(
        options->session.profile.profile, report);
    struct parent_key key = {0};
    enum refusal refusal = 0;
    enum exit_status status;

    if (profile == NULL)
        return EXIT_FAILED;
    /* A key that is malformed can still be removed. */
    if (parent_key_describe(profile, &key, &refusal, report) != 0 &&
        refusal != REFUSAL_BAD_KEY)
        return EXIT_FAILED;
    status = options->force ? EXIT_DONE : confirm(profile, &key, report);
    if (status != EXIT_DONE)
        return status;
    if (parent_key_remove(profile, &key, &refusal, report) != 0)
        return EXIT_FAILED;
    printf("Removed the stored key %s%sof profile %s. Its sessions go on "
           "until they expire: aws-session clear ends them.\n",
           key.access_key_id, key.access_key_id[0] != '\0' ? " " : "",
           profile);
    return EXIT_DONE;
}
