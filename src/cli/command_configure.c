/*
 * aws-session configure: let the AWS CLI and SDKs take a profile's
 * credentials from here, by credential_process in the config file.
 *
 * Part of aws-session. Writes one line, and only where AWS's tools would use
 * it; no secret is in it.
 */
#include "commands.h"
#include "config/config_set.h"
#include "config/profile_process.h"
#include "debug.h"
#include "dialog.h"
#include "own_path.h"
#include "session_parent.h"
#include "shell_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHERE_SIZE = 512 };

static const char process_key[] = "credential_process";

/* What is to be written where. */
struct plan {
    struct config config;
    struct profile profile; /* whose sessions are handed out */
    const char *name;       /* the profile that gets the line */
    struct secret command;  /* no secret, but it grows */
};

/* The profile of a name without --profile: itself, or the one that its line
 * of ours names; NULL if there is no such profile. Freed by the caller. */
static char *
profile_of_name(const struct config *config, const char *name)
{
    const char *command = config_get(config, name, process_key);
    char *profile = command != NULL ? profile_process_profile(command) : NULL;

    if (profile == NULL &&
        (config_has_profile(config, name) || session_parent_is_stored(name)))
        profile = strdup(name);
    return profile;
}

static int
choose(struct plan *plan, const struct options *options, struct report *report)
{
    struct profile_options wanted = options->session.profile;
    const char *name = options->arguments[0];
    char *of_name = NULL;
    int result;

    wanted.is_stored = session_parent_is_stored;
    if (name != NULL && wanted.profile == NULL)
        wanted.profile = of_name = profile_of_name(&plan->config, name);
    result = profile_resolve(&plan->profile, &plan->config, &wanted, report);
    free(of_name);
    plan->name = name != NULL ? name : plan->profile.name;
    if (result == 0 &&
        (*plan->name == '\0' || strpbrk(plan->name, "\r\n") != NULL ||
         strpbrk(plan->profile.name, "\r\n") != NULL))
        result = report_set(report, "a profile's name is not empty and is on "
                                    "one line");
    return result;
}

/* AWS's tools would take other credentials: say which, and what helps. */
static int
check_use(const struct plan *plan, struct report *report)
{
    const struct config *config = &plan->config;
    const char *name = plan->name;
    const char *key = "aws_access_key_id";
    char where[WHERE_SIZE];

    if (config_get_in(config, name, key, true) != NULL)
        return report_set(
            report,
            "%s: the AWS CLI would use this access key of "
            "profile '%.100s', not credential_process: move it "
            "into the keyring with aws-session import, then "
            "try again",
            config_where(config, name, key, where, sizeof(where)), name);
    key = profile_process_hidden_by(config, name);
    if (key != NULL)
        return report_set(
            report,
            "%s: the AWS CLI would use %s of profile '%.100s', "
            "not credential_process: name another profile for "
            "it, as in aws-session configure NAME --profile "
            "%.100s",
            config_where(config, name, key, where, sizeof(where)), key, name,
            name);
    if (config_get_in(config, name, process_key, true) != NULL)
        return report_set(
            report,
            "%s: the AWS CLI would use this credential_process "
            "of profile '%.100s', not one in the config file: "
            "remove the line, then try again",
            config_where(config, name, process_key, where, sizeof(where)),
            name);
    return 0;
}

static int
make_command(struct plan *plan, struct report *report)
{
    char path[PATH_MAX];

    if (own_path_find(path, report) != 0)
        return -1;
    if (strpbrk(path, "\r\n") != NULL)
        return report_set(report, "the path of aws-session has a newline");
    /* botocore splits it as a shell does, other SDKs give it to one. */
    if (shell_code_word(&plan->command, SHELL_POSIX, path) != 0 ||
        secret_append_string(&plan->command,
                             " export --format process --profile ") != 0 ||
        shell_code_word(&plan->command, SHELL_POSIX, plan->profile.name) != 0)
        return report_set(report, "out of memory");
    return 0;
}

/* Another line of somebody's is there: ask. Returns EXIT_DONE, or else with
 * the report filled. */
static enum exit_status
confirm(const struct plan *plan, const char *former, bool force,
        struct report *report)
{
    char question[REPORT_SIZE];

    if (former == NULL || force || profile_process_is_own(former))
        return EXIT_DONE;
    snprintf(question, sizeof(question),
             "Replace credential_process of profile %.100s (%.300s)?",
             plan->name, former);
    report_clean(question);
    switch (dialog_confirm(question)) {
    case DIALOG_YES:
        return EXIT_DONE;
    case DIALOG_NO:
        report_set(report,
                   "credential_process of profile %.100s stays as it is",
                   plan->name);
        return EXIT_FAILED;
    case DIALOG_NO_TERMINAL:
        break;
    }
    report_set(report,
               "%s whether to replace credential_process of profile %.100s: "
               "give --force",
               terminal_absence(), plan->name);
    return EXIT_NOBODY_ASKED;
}

static void
tell(const struct plan *plan, bool changed)
{
    char name[REPORT_SIZE];

    snprintf(name, sizeof(name), "%s", plan->name);
    report_clean(name);
    printf("%s %s: credential_process of profile %s:\n  %s\n",
           changed ? "Wrote" : "Already in", plan->config.config_path, name,
           plan->command.data);
    (void)fflush(stdout);
    if (plan->profile.parent == PARENT_NONE &&
        !session_parent_is_stored(plan->profile.base))
        warn_line("profile %.100s has no access key yet: "
                  "aws-session add stores one",
                  plan->profile.base);
}

static enum exit_status
configure(const struct plan *plan, bool force, struct report *report)
{
    const char *former = config_get_in(&plan->config, plan->name, process_key,
                                       false);
    const struct config_setting setting = {.profile = plan->name,
                                           .key = process_key,
                                           .value = plan->command.data,
                                           .former = former};
    const struct file_change change = {.edit = config_set_edit,
                                       .what = &setting,
                                       .otherwise = "",
                                       .create = true};
    enum exit_status status = confirm(plan, former, force, report);
    enum edit_outcome outcome;

    if (status != EXIT_DONE)
        return status;
    outcome = file_edit(plan->config.config_path, &change, report);
    if (outcome == EDIT_FAILED)
        return EXIT_FAILED;
    tell(plan, outcome == EDIT_CHANGED);
    return EXIT_DONE;
}

/* Everything that may be wrong, before anybody is asked. */
static int
prepare(struct plan *plan, const struct options *options,
        struct report *report)
{
    if (config_load(&plan->config, report) != 0)
        return -1;
    if (plan->config.config_path == NULL)
        return report_set(report, "there is no config file to write to: set "
                                  "HOME, or AWS_CONFIG_FILE to its path");
    if (choose(plan, options, report) != 0 || check_use(plan, report) != 0)
        return -1;
    return make_command(plan, report);
}

int
command_configure(const struct options *options, struct report *report)
{
    struct plan plan = {0};
    enum exit_status status = EXIT_FAILED;

    if (prepare(&plan, options, report) == 0)
        status = configure(&plan, options->force, report);
    secret_free(&plan.command);
    profile_free(&plan.profile);
    config_free(&plan.config);
    return status;
}
