/*
 * aws-session clear: end sessions, forget notes; with --all stored keys too.
 *
 * Part of aws-session.
 */
#include "change_mark.h"
#include "commands.h"
#include "config/profile_process.h"
#include "debug.h"
#include "dialog.h"
#include "exit_status.h"
#include "keys/parent_key.h"
#include "keys/stash.h"
#include "session_keyring.h"
#include "session_list.h"
#include "session_parent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is only quicker with than without. Other notes are what a code is not
 * sent twice by, and what a rotation is taken up again by.
 */
static const char *const forgotten[] = {"mfa-serial", "clock"};

static bool
is_forgotten(const char *note)
{
    size_t length = strcspn(note, " ");

    for (size_t i = 0; i < sizeof(forgotten) / sizeof(forgotten[0]); i++)
        if (strlen(forgotten[i]) == length &&
            memcmp(forgotten[i], note, length) == 0)
            return true;
    return false;
}

/*
 * The profile that one stands for, if it has our credential_process: the
 * sessions are there. NULL if it is itself, or if the files cannot be read:
 * that is no reason not to clear. Freed by the caller.
 */
static char *
find_meant(const char *profile)
{
    const struct profile_options options = {
        .is_stored = session_parent_is_stored};
    struct config config = {0};
    struct report ignored;
    char *meant = NULL;

    if (config_load(&config, &ignored) == 0)
        meant = profile_process_follow(&config, &options, profile, &ignored);
    config_free(&config);
    if (meant != NULL && strcmp(meant, profile) == 0) {
        free(meant);
        meant = NULL;
    }
    return meant;
}

/* Whether a key is to go; profile NULL: of all profiles. */
static bool
is_cleared(const struct key_entry *key, const char *profile, const char *meant)
{
    if (strcmp(key->kind, "session") == 0)
        return profile == NULL || strcmp(key->name, profile) == 0 ||
               (meant != NULL && strcmp(key->name, meant) == 0);
    return profile == NULL && strcmp(key->kind, "note") == 0 &&
           is_forgotten(key->name);
}

static int
clear_sessions(const char *profile, const char *meant, struct report *report)
{
    struct key_list list = {0};
    char name[REPORT_SIZE];
    size_t sessions = 0;
    int result = -1;

    if (key_list_add(&list, KEYRING_USER, report) != 0 ||
        key_list_add(&list, KEYRING_LOGIN, report) != 0)
        goto done;
    for (size_t i = 0; i < list.count; i++) {
        const struct key_entry *key = &list.entries[i];

        if (!is_cleared(key, profile, meant))
            continue;
        keyring_drop(key->place, key->serial);
        if (strcmp(key->kind, "session") == 0) {
            session_keyring_note_cleared(key->name);
            sessions++;
        }
    }
    if (sessions > 0)
        change_mark_set();
    snprintf(name, sizeof(name), "%s%s", profile != NULL ? " of profile " : "",
             meant != NULL     ? meant
             : profile != NULL ? profile
                               : "");
    report_clean(name);
    printf("Cleared %zu session%s%s.\n", sessions, sessions == 1 ? "" : "s",
           name);
    result = 0;
done:
    key_list_free(&list);
    return result;
}

/* Returns EXIT_DONE if stored keys may be removed, else the report is filled.
 */
static enum exit_status
confirm(char *const *names, size_t count, struct report *report)
{
    const char *stashed = stash_key_id(names[0]);
    char question[REPORT_SIZE];

    if (count == 1)
        snprintf(question, sizeof(question),
                 "Remove the stored key of %s%.100s, too?",
                 stashed != NULL ? "the environment, " : "profile ",
                 stashed != NULL ? stashed : names[0]);
    else
        snprintf(question, sizeof(question),
                 "Remove the stored keys of %zu profiles (%.100s ...), too?",
                 count, stashed != NULL ? "the environment" : names[0]);
    report_clean(question);
    switch (dialog_confirm(question)) {
    case DIALOG_YES:
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report, "the stored keys stay");
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report, "%s whether to remove stored keys: give --force",
               terminal_absence());
    return EXIT_NOBODY_ASKED;
}

static void
tell_removed(const char *profile, const struct parent_key *key)
{
    const char *stashed = stash_key_id(profile);

    if (stashed != NULL)
        printf("Removed key %s, which came by the environment.\n", stashed);
    else
        printf("Removed the stored key %s%sof profile %s.\n",
               key->access_key_id, key->access_key_id[0] != '\0' ? " " : "",
               profile);
}

static int
remove_keys(char *const *names, size_t count, struct report *report)
{
    for (size_t i = 0; i < count; i++) {
        struct parent_key key = {0};
        enum refusal refusal = 0;

        /* One that went in between is no failure. */
        if (parent_key_remove(names[i], &key, &refusal, report) == 0)
            tell_removed(names[i], &key);
        else if (refusal != REFUSAL_NO_KEY)
            return -1;
    }
    return 0;
}

/* The stored keys of all profiles, or of one. */
static enum exit_status
clear_keys(const char *profile, bool force, struct report *report)
{
    char **names = NULL;
    size_t count = 0, first = 0;
    enum exit_status status = EXIT_DONE;
    size_t end;

    if (parent_key_names(&names, &count, report) != 0)
        return EXIT_FAILED;
    end = count;
    if (profile != NULL) {
        while (first < count && strcmp(names[first], profile) != 0)
            first++;
        end = first < count ? first + 1 : first;
    }
    if (first < end && !force)
        status = confirm(names + first, end - first, report);
    if (status == EXIT_DONE && first < end &&
        remove_keys(names + first, end - first, report) != 0)
        status = EXIT_FAILED;
    parent_key_names_free(names, count);
    return status;
}

int
command_clear(const struct options *options, struct report *report)
{
    const char *profile = options->session.profile.profile;
    char *meant = profile != NULL ? find_meant(profile) : NULL;
    enum exit_status status = EXIT_DONE;

    if (options->force && !options->all)
        debug_log("--force changes nothing without --all");
    /* Keys first: whoever says no to that gets to think again. A key goes by
     * its own name only: others may live by it. */
    if (options->all)
        status = clear_keys(profile, options->force, report);
    if (status == EXIT_DONE && clear_sessions(profile, meant, report) != 0)
        status = EXIT_FAILED;
    free(meant);
    return status;
}
