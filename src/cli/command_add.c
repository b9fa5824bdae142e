/*
 * aws-session add: give a long-lived access key to the signer to keep.
 *
 * Part of aws-session. The secret is here from the question to the message to
 * the signer, and wiped then.
 */
#include "commands.h"
#include "config/config.h"
#include "debug.h"
#include "dialog.h"
#include "exit_status.h"
#include "keys/key_input.h"
#include "keys/parent_key.h"
#include "keys/signer_state.h"
#include "keys/stored_profile.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/*
 * Before anything is typed: whether a key is there, and may be replaced.
 * Returns EXIT_DONE with *replace set, or another one with the report filled.
 */
static enum exit_status
check_existing(const char *profile, bool force, bool *replace,
               struct report *report)
{
    struct parent_key key = {0};
    enum refusal refusal = 0;
    char question[REPORT_SIZE];

    *replace = force;
    if (force)
        return EXIT_DONE;
    if (parent_key_describe(profile, &key, &refusal, report) != 0 &&
        refusal != REFUSAL_BAD_KEY)
        return refusal == REFUSAL_NO_KEY ? EXIT_DONE : EXIT_FAILED;
    snprintf(question, sizeof(question),
             "Profile %.100s has a stored key already%s%s. Replace it?",
             profile, key.access_key_id[0] != '\0' ? ", " : "",
             key.access_key_id);
    report_clean(question);
    switch (dialog_confirm(question)) {
    case DIALOG_YES:
        *replace = true;
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report, "the stored key of profile %.100s stays", profile);
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report,
               "profile %.100s has a stored key already%s%s: give --force to "
               "replace it",
               profile, key.access_key_id[0] != '\0' ? ", " : "",
               key.access_key_id);
    return EXIT_NOBODY_ASKED;
}

static enum exit_status
get_key(struct key_input *key, const struct options *options,
        const char *profile, struct report *report)
{
    int result;

    if (options->input)
        result = key_input_read(key, report);
    else if (options->env)
        result = key_input_take_variables(key, report);
    else
        return key_input_ask(key, profile, report);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* The one line of success; and what would make it pointless. */
static void
tell(const char *profile, const struct parent_key *stored)
{
    struct config config = {0};
    struct report why;
    const char *in_file;

    (void)signer_state_find(&why);
    if (stored->protection == PROTECTION_SERVICE)
        printf("Stored key %s of profile %s, protected: %s.\n",
               stored->access_key_id, profile, why.text);
    else
        printf("Stored key %s of profile %s, not protected (every program of "
               "yours can read it): %s.\n",
               stored->access_key_id, profile, why.text);
    (void)fflush(stdout);
    if (stored_profile_check_use(profile, &why) != 0)
        warn_line("%s", why.text);
    if (config_load(&config, &why) == 0) {
        in_file = config_get(&config, profile, "aws_access_key_id");
        if (in_file != NULL && strcmp(in_file, stored->access_key_id) == 0)
            warn_line("the key is still in the AWS files, where every program "
                      "of yours can read it: aws-session import takes it out");
    }
    config_free(&config);
}

int
command_add(const struct options *options, struct report *report)
{
    const char *profile = stored_profile_choose(
        options->session.profile.profile, report);
    struct key_input key = {0};
    struct parent_key stored = {0};
    enum refusal refusal = 0;
    enum exit_status status = EXIT_FAILED;
    bool replace;

    /* A key passes through here: no program may look into us. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (options->input && options->env) {
        report_set(report, "--stdin and --env are two places of one key: give "
                           "one of them");
        return EXIT_USAGE;
    }
    if (profile == NULL)
        goto done;
    status = check_existing(profile, options->force, &replace, report);
    if (status == EXIT_DONE)
        status = get_key(&key, options, profile, report);
    if (status != EXIT_DONE)
        goto done;
    status = EXIT_FAILED;
    if (parent_key_store(profile, key.access_key_id.data,
                         &key.secret_access_key, replace, 0, &stored, &refusal,
                         report) == 0) {
        status = EXIT_DONE;
    } else if (refusal == REFUSAL_EXISTS) {
        /* It came while we asked, or its owner is somebody else. */
        char text[REPORT_SIZE];

        memcpy(text, report->text, sizeof(text));
        report_set(report, "%.800s; give --force to replace it", text);
    }
done:
    key_input_free(&key);
    if (status == EXIT_DONE)
        tell(profile, &stored);
    return status;
}
