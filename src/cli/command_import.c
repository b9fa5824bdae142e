/*
 * aws-session import: access keys out of the AWS files, into the keyring.
 *
 * Part of aws-session. A key is stored, the stored key is proved, and only
 * then its lines are removed: interrupted anywhere, it is in the file, in the
 * keyring, or in both, and the next import goes on from there.
 */
#include "commands.h"
#include "config/credentials_edit.h"
#include "debug.h"
#include "dialog.h"
#include "exit_status.h"
#include "fault_point.h"
#include "keys/import_plan.h"
#include "keys/key_check.h"
#include "lock.h"
#include "session_parent.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static const char *
describe_state(const struct import_item *item, char *buffer, size_t size)
{
    buffer[0] = '\0';
    switch (item->state) {
    case IMPORT_NEW:
        break;
    case IMPORT_STORED:
        snprintf(buffer, size,
                 "it is stored already, by an import that was "
                 "interrupted or by add: going on");
        break;
    case IMPORT_EXPOSED:
        snprintf(buffer, size,
                 "it is stored already, but unprotected: it is "
                 "stored anew");
        break;
    case IMPORT_OTHER:
        snprintf(buffer, size, "it REPLACES the stored key %s",
                 item->stored_id[0] != '\0' ? item->stored_id
                                            : "(which cannot be used)");
        break;
    }
    return buffer;
}

static void
show_plan(const struct import_plan *plan, bool keep)
{
    char state[256];

    printf("To be stored in the kernel keyring, and proved by a call of "
           "AWS:\n");
    for (size_t i = 0; i < plan->count; i++) {
        const struct import_item *item = &plan->items[i];

        printf("  profile %s: %s\n", item->profile, item->access_key_id);
        if (describe_state(item, state, sizeof(state))[0] != '\0')
            printf("    %s\n", state);
        for (size_t j = 0; j < item->place_count; j++)
            printf("    %s, lines %u and %u, %s\n", item->places[j].path,
                   item->places[j].lines[0], item->places[j].lines[1],
                   keep ? "which stay" : "which are then removed");
    }
    if (!keep)
        printf("The keyring is empty after a reboot: have the secret "
               "elsewhere too, or be\nready to make a new key in the IAM "
               "console.\n");
    fflush(stdout);
}

/* Leave out what could not be finished anyway. */
static void
check_places(struct import_plan *plan)
{
    size_t kept = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct import_item *item = &plan->items[i];
        struct report report;
        bool good = true;

        for (size_t j = 0; good && j < item->place_count; j++)
            good = credentials_edit_check(item->places[j].path, &report) == 0;
        if (good) {
            plan->items[kept++] = *item;
        } else {
            warn_line("profile %.100s: left where it is: %s", item->profile,
                      report.text);
            plan->failed++;
        }
    }
    plan->count = kept;
}

/* The way to AWS for a profile: its endpoint, its CA bundle. */
struct way {
    const struct options *options;
    const struct config *config;
    struct profile profile;
    struct aws aws;
};

static int
begin_way(struct way *way, const char *name, struct report *report)
{
    struct profile_options wanted = way->options->session.profile;

    wanted.profile = name;
    wanted.is_stored = session_parent_is_stored;
    if (profile_resolve(&way->profile, way->config, &wanted, report) != 0)
        return -1;
    way->aws.ca_bundle = way->profile.ca_bundle;
    return 0;
}

static int
store(const struct import_item *item, const struct secret *secret,
      struct report *report)
{
    struct parent_key stored;
    enum refusal refusal;

    return parent_key_store(item->profile, item->access_key_id, secret,
                            item->state != IMPORT_NEW, 0, &stored, &refusal,
                            report);
}

/*
 * Store the key and prove the stored one. Before another key is replaced, the
 * pair of the file is proved; a new one that AWS does not take is removed, so
 * that it does not hide the one in the file.
 */
static int
store_and_prove(struct way *way, const struct import_item *item,
                const struct secret *secret, char arn[KEY_CHECK_ARN_SIZE],
                struct report *report)
{
    const struct aws_signer given = {.access_key_id = item->access_key_id,
                                     .secret_access_key = secret};
    const struct aws_signer stored = {.stored_profile = item->profile};
    struct aws_error error;
    struct parent_key removed;
    enum refusal refusal;
    struct report ignored;

    if (item->state == IMPORT_STORED &&
        key_check(&way->aws, &way->profile, &stored, 0, arn, &error, report) ==
            0)
        return 0;
    if (item->state != IMPORT_NEW &&
        key_check(&way->aws, &way->profile, &given, 0, arn, &error, report) !=
            0)
        return -1;
    if (store(item, secret, report) != 0)
        return -1;
    fault_point("the key is stored");
    if (key_check(&way->aws, &way->profile, &stored, 0, arn, &error, report) ==
        0)
        return 0;
    if (item->state == IMPORT_NEW)
        (void)parent_key_remove(item->profile, &removed, &refusal, &ignored);
    return -1;
}

static int
remove_lines(const struct import_item *item, struct report *report)
{
    const struct credentials_pair template = {NULL, item->access_key_id,
                                              item->secret_access_key};

    for (size_t i = 0; i < item->place_count; i++) {
        const struct import_place *place = &item->places[i];
        struct credentials_pair pair = template;
        struct report cause;

        pair.section = place->section;
        if (credentials_edit_remove(place->path, &pair, &cause) != 0)
            return report_set(report,
                              "the key is stored and works, but it is still "
                              "in the file too: %.700s",
                              cause.text);
        fault_point("the lines of a file are removed");
    }
    return 0;
}

static int
import_item(struct way *way, const struct import_item *item,
            struct report *report)
{
    char arn[KEY_CHECK_ARN_SIZE] = "";
    struct secret secret = {0};
    int result = -1;

    if (secret_set(&secret, item->secret_access_key,
                   strlen(item->secret_access_key)) != 0) {
        report_set(report, "out of memory");
    } else if (begin_way(way, item->profile, report) == 0 &&
               store_and_prove(way, item, &secret, arn, report) == 0) {
        fault_point("the stored key is proved");
        if (way->options->keep || remove_lines(item, report) == 0)
            result = 0;
    }
    if (result == 0) {
        printf("profile %s: %s of %s is stored%s\n", item->profile,
               item->access_key_id, arn,
               way->options->keep ? "" : ", and no longer in the files");
        fflush(stdout);
    }
    secret_free(&secret);
    profile_free(&way->profile);
    aws_close(&way->aws);
    return result;
}

/* Whether to go on. The report is filled if not. */
static enum exit_status
confirm(const struct options *options, struct report *report)
{
    if (options->force)
        return EXIT_DONE;
    switch (dialog_confirm("Go on?")) {
    case DIALOG_YES:
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report, "nothing was changed");
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report,
               "nothing was changed: %s; with --force it is done without",
               terminal_absence());
    return EXIT_NOBODY_ASKED;
}

static enum exit_status
run_plan(const struct options *options, const struct config *config,
         struct import_plan *plan, struct report *report)
{
    struct way way = {
        .options = options, .config = config, .aws = AWS_CLOSED(NULL)};
    size_t total = plan->count + plan->failed;
    enum exit_status status;

    if (!options->keep)
        check_places(plan);
    if (plan->count == 0) {
        if (plan->failed == 0)
            printf(plan->left > 0
                       ? "There is nothing else to import in the AWS files.\n"
                       : "There is no long-lived access key in the AWS "
                         "files.\n");
    } else {
        show_plan(plan, options->keep);
        status = confirm(options, report);
        if (status != EXIT_DONE)
            return status;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct import_item *item = &plan->items[i];

        if (import_item(&way, item, report) == 0)
            continue;
        warn_line("profile %.100s: %s", item->profile, report->text);
        plan->failed++;
    }
    if (plan->failed == 0)
        return EXIT_DONE;
    report_set(report, "%zu of %zu keys could not be imported, see above",
               plan->failed, total);
    return EXIT_FAILED;
}

int
command_import(const struct options *options, struct report *report)
{
    char *name = (char *)(uintptr_t)options->session.profile.profile;
    char *const one[] = {name, NULL};
    char *const *names = name != NULL ? one : options->arguments;
    struct config config = {0};
    struct import_plan plan = {0};
    struct lock lock = LOCK_NONE;
    enum exit_status status = EXIT_FAILED;

    /* Keys pass through here: no program may look into us. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (lock_try(&lock, "import") != 0)
        report_set(report, "another aws-session import of yours is running: "
                           "wait until it is done");
    else if (config_load(&config, report) == 0 &&
             import_plan_make(&plan, &config, names, report) == 0)
        status = run_plan(options, &config, &plan, report);
    import_plan_free(&plan);
    config_free(&config);
    lock_release(&lock);
    return status;
}
