/*
 * aws-session remove: have the signer remove a stored key.
 *
 * Part of aws-session.
 */
#include "commands.h"
#include "dialog.h"
#include "exit_status.h"
#include "parent_key.h"
#include "stored_profile.h"

#include <stdio.h>

/* Returns 0 if it may be removed, or -1 with the report filled. */
static int
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
        return 0;
    case DIALOG_NO:
        return report_set(report, "the stored key of profile %.100s stays",
                          profile);
    case DIALOG_NO_TERMINAL:
        break;
    }
    return report_set(report,
                      "there is no terminal to ask whether to remove the "
                      "stored key of profile %.100s: give --force",
                      profile);
}

int
command_remove(const struct options *options, struct report *report)
{
    const char *profile = stored_profile_choose(
        options->session.profile.profile, report);
    struct parent_key key = {0};
    enum refusal refusal = 0;

    if (profile == NULL)
        return EXIT_FAILED;
    /* A key that is malformed can still be removed. */
    if (parent_key_describe(profile, &key, &refusal, report) != 0 &&
        refusal != REFUSAL_BAD_KEY)
        return EXIT_FAILED;
    if (!options->force && confirm(profile, &key, report) != 0)
        return EXIT_FAILED;
    if (parent_key_remove(profile, &key, &refusal, report) != 0)
        return EXIT_FAILED;
    printf("Removed the stored key %s%sof profile %s. Its sessions go on "
           "until they expire: aws-session clear ends them.\n",
           key.access_key_id, key.access_key_id[0] != '\0' ? " " : "",
           profile);
    return EXIT_DONE;
}
