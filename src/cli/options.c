/*
 * The command line: see options.h. Part of aws-session.
 */
#include "options.h"

#include "commands.h"
#include "config/profile_name.h"
#include "duration.h"
#include "nested.h"
#include "options_table.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of options, from the command line or a variable. */
struct values {
    const char *given[OPTION_COUNT];
};

/*
 * getopt_long(3) left in optopt what it did not like: a letter, which may
 * stand anywhere in a word of letters, the number of an option that takes no
 * value, or 0. A value is not repeated: it may be a code.
 */
static int
refuse_option(const char *word, struct report *report)
{
    int length = (int)strcspn(word, "=");

    if (optopt >= 256)
        return report_set(report,
                          "option --%s takes no value; see "
                          "aws-session --help",
                          option_rules[optopt - 256].name);
    if (optopt != 0)
        return report_set(report, "unknown option -%c; see aws-session --help",
                          optopt);
    return report_set(report, "unknown option %.*s; see aws-session --help",
                      length < 200 ? length : 200, word);
}

/* Options up to the first word that is none; if mixed, among the words. */
static int
parse_some(struct values *values, bool mixed, int argc, char **argv,
           struct report *report)
{
    struct option table[OPTION_COUNT + 1] = {0};
    int id;

    for (int i = 0; i < OPTION_COUNT; i++)
        table[i] = (struct option){.name = option_rules[i].name,
                                   .has_arg = option_rules[i].argument != NULL
                                                  ? required_argument
                                                  : no_argument,
                                   .val = 256 + i};
    opterr = 0;
    while ((id = getopt_long(argc, argv, mixed ? ":h" : "+:h", table, NULL)) !=
           -1) {
        if (id == ':')
            return report_set(report,
                              "option %s needs a value; see "
                              "aws-session --help",
                              argv[optind - 1]);
        if (id == '?')
            return refuse_option(argv[optind - 1], report);
        id = id == 'h' ? OPTION_HELP : id - 256;
        values->given[id] = optarg != NULL ? optarg : "1";
    }
    return 0;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Options of other commands are a mistake, not something to ignore. */
static int
check_given(const struct command *command, const struct values *values,
            struct report *report)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (values->given[i] != NULL &&
            !option_belongs(&option_rules[i], command))
            return report_set(report,
                              "%s does not take --%s; see aws-session %s "
                              "--help",
                              command->name, option_rules[i].name,
                              command->name);
    return 0;
}

/* Options end at the first profile. */
static int
check_profiles(char *const *names, struct report *report)
{
    for (; *names != NULL; names++)
        if (**names == '-' || **names == '\0')
            return report_set(report,
                              "'%.100s' is no profile: options stand before "
                              "the profiles",
                              *names);
    return 0;
}

/* What follows the command: nothing, a profile, or the command's own. */
static int
take_arguments(struct options *options, struct values *values,
               struct report *report)
{
    const struct command *command = options->command;
    const char **profile = &values->given[OPTION_PROFILE];

    if (command->takes == ARGUMENT_COMMAND || options->arguments[0] == NULL)
        return 0;
    if (command->takes == ARGUMENT_PROFILES && *profile == NULL)
        return check_profiles(options->arguments, report);
    if (command->takes == ARGUMENT_PROFILE) {
        if (*profile != NULL)
            return report_set(report,
                              "%s: the profile is named twice, by --profile "
                              "and as %.200s",
                              command->name, options->arguments[0]);
        *profile = *options->arguments++;
    }
    if (options->arguments[0] == NULL ||
        (command->takes == ARGUMENT_NAME && options->arguments[1] == NULL))
        return 0;
    return report_set(report,
                      "%s takes no%s argument, but there is %.200s; "
                      "see aws-session --help",
                      command->name,
                      command->takes == ARGUMENT_NONE ? "" : " second",
                      command->takes == ARGUMENT_NAME ? options->arguments[1]
                                                      : options->arguments[0]);
}

/* Options, a command, more options, and what is the command's own. */
static int
parse_words(struct options *options, struct values *values, int argc,
            char **argv, struct report *report)
{
    options->command = &commands[0];
    if (parse_some(values, false, argc, argv, report) != 0)
        return -1;
    if (optind < argc) {
        options->command = find_command(argv[optind]);
        if (options->command == NULL)
            return report_set(report,
                              "unknown command %.200s; to run a program: "
                              "aws-session exec %.200s",
                              argv[optind], argv[optind]);
        options->named = true;
        argc -= optind;
        argv += optind;
        optind = 0; /* begin anew, after the command's name */
        if (parse_some(values, options->command->takes != ARGUMENT_COMMAND,
                       argc, argv, report) != 0)
            return -1;
    }
    options->arguments = argv + optind;
    if (values->given[OPTION_HELP] != NULL)
        return 0;
    return check_given(options->command, values, report) != 0
               ? -1
               : take_arguments(options, values, report);
}

/* Whether the variable of an option says yes: set, not empty and not 0. */
static bool
is_on(enum option_id id)
{
    const char *value = getenv(option_rules[id].variable);

    return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0;
}

/* The variable of an option; NULL if it is not set, empty, or not looked at
 * by the command. */
static const char *
variable_of(const struct options *options, enum option_id id)
{
    const char *value = getenv(option_rules[id].variable);

    return value != NULL && value[0] != '\0' &&
                   option_belongs(&option_rules[id], options->command)
               ? value
               : NULL;
}

static int
apply_min_remaining(struct options *options, const struct values *values,
                    struct report *report)
{
    const char *duration = values->given[OPTION_MIN_REMAINING];

    if (duration != NULL &&
        (duration_parse(duration, &options->session.min_remaining) != 0 ||
         options->session.min_remaining == 0))
        return report_set(report,
                          "--min-remaining: '%.100s' is no duration: give "
                          "seconds, or 90m, 2h, 1h30m",
                          duration);
    return 0;
}

static int
apply_duration(struct options *options, const struct values *values,
               struct report *report)
{
    const struct option_rule *rule = &option_rules[OPTION_SESSION_DURATION];
    const char *duration = getenv(rule->variable);
    unsigned *seconds = &options->session.profile.duration;

    if (duration == NULL || !option_belongs(rule, options->command))
        return 0;
    /* An empty variable is none; 0 would be taken for none further on. */
    if ((duration[0] != '\0' ||
         values->given[OPTION_SESSION_DURATION] != NULL) &&
        (duration_parse(duration, seconds) != 0 || *seconds == 0))
        return report_set(report,
                          "--session-duration (AWS_SESSION_DURATION): "
                          "'%.100s' is no duration: give seconds, or 90m, "
                          "12h, 1h30m",
                          duration);
    /* A role may take less: profile_roles.c knows. */
    if (*seconds != 0 && (*seconds < DURATION_MIN || *seconds > DURATION_MAX))
        return report_set(report,
                          "--session-duration (AWS_SESSION_DURATION): %u is "
                          "out of range: AWS takes %d to %d seconds",
                          *seconds, DURATION_MIN, DURATION_MAX);
    return 0;
}

static int
apply_values(struct options *options, const struct values *values,
             struct report *report)
{
    struct session_options *session = &options->session;
    const char *ignored;

    options->help = values->given[OPTION_HELP] != NULL;
    options->version = values->given[OPTION_VERSION] != NULL;
    /* Help must not need what it explains: a variable may be wrong. */
    if (options->help || options->version)
        return 0;
    session->profile.profile = values->given[OPTION_PROFILE];
    /* It is the shell's session, whatever AWS_PROFILE says inside. */
    session->profile.own_first = options->command->run == command_refresh;
    nested_begin(profile_name_wanted(&session->profile, &ignored));
    for (int i = 0; i < OPTION_COUNT; i++)
        if (values->given[i] != NULL && option_rules[i].variable != NULL &&
            setenv(option_rules[i].variable, values->given[i], 1) != 0)
            return report_set(report, "setting %s: %s",
                              option_rules[i].variable, strerror(errno));
    session->profile.region = values->given[OPTION_REGION];
    session->code = getenv(option_rules[OPTION_CODE].variable);
    if (session->code != NULL && session->code[0] == '\0')
        session->code = values->given[OPTION_CODE];
    session->profile.mfa_serial = values->given[OPTION_MFA_SERIAL];
    if (session->profile.mfa_serial == NULL)
        session->profile.mfa_serial = variable_of(options, OPTION_MFA_SERIAL);
    session->no_prompt = is_on(OPTION_NO_PROMPT);
    session->cached = values->given[OPTION_CACHED] != NULL;
    options->debug = is_on(OPTION_DEBUG);
    options->all = values->given[OPTION_ALL] != NULL;
    options->env = values->given[OPTION_ENV] != NULL;
    options->force = values->given[OPTION_FORCE] != NULL;
    options->format = values->given[OPTION_FORMAT];
    options->profiles = values->given[OPTION_PROFILES] != NULL;
    options->shell = values->given[OPTION_SHELL];
    options->text = values->given[OPTION_TEXT] != NULL;
    options->user = values->given[OPTION_USER];
    options->json = values->given[OPTION_JSON] != NULL;
    options->keep = values->given[OPTION_KEEP] != NULL;
    options->input = values->given[OPTION_STDIN] != NULL;
    return apply_duration(options, values, report) != 0
               ? -1
               : apply_min_remaining(options, values, report);
}

int
options_parse(struct options *options, int argc, char **argv,
              struct report *report)
{
    struct values values = {0};

    *options = (struct options){0};
    if (parse_words(options, &values, argc, argv, report) != 0 ||
        apply_values(options, &values, report) != 0)
        return -1;
    return 0;
}

bool
options_keep_ids(const struct options *options)
{
    return option_belongs(&option_rules[OPTION_USER], options->command);
}
