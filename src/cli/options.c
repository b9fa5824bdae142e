/*
 * The command line: see options.h. Part of aws-session.
 */
#include "options.h"

#include "commands.h"
#include "duration.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_PROFILE,
    OPTION_CODE,
    OPTION_SESSION_DURATION,
    OPTION_REGION,
    OPTION_ALL,
    OPTION_ENV,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_KEEP,
    OPTION_STDIN,
    OPTION_DEBUG,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

struct option_rule {
    const char *name;
    const char *argument; /* NULL for none */
    const char *variable; /* read when the option is not given */
    const char *commands; /* names of those that take it; NULL: all */
    const char *help;
};

static const struct option_rule rules[OPTION_COUNT] = {
    [OPTION_PROFILE] = {"profile", "NAME", "AWS_DEFAULT_PROFILE", NULL,
                        "profile of the AWS config and credentials files; "
                        "AWS_PROFILE counts before the variable"},
    [OPTION_CODE] = {"code", "CODE", "AWS_SESSION_MFA_CODE",
                     "shell exec rotate",
                     "MFA code of six digits, instead of being asked"},
    [OPTION_SESSION_DURATION] = {"session-duration", "DURATION",
                                 "AWS_SESSION_DURATION",
                                 "shell exec status rotate",
                                 "life of a new session: 3600, 90m, 12h"},
    [OPTION_REGION] = {"region", "REGION", "AWS_REGION", NULL,
                       "AWS region, for STS and for the command"},
    [OPTION_ALL] = {"all", NULL, NULL, "clear",
                    "remove the stored keys too, not only sessions"},
    [OPTION_ENV] = {"env", NULL, NULL, "add",
                    "take the key from the environment"},
    [OPTION_FORCE] = {"force", NULL, NULL, "add import remove clear",
                      "replace or remove a stored key without asking"},
    [OPTION_JSON] = {"json", NULL, NULL, "list status",
                     "print JSON, for programs"},
    [OPTION_KEEP] = {"keep", NULL, NULL, "import",
                     "leave the keys in the files, too"},
    [OPTION_STDIN] = {"stdin", NULL, NULL, "add",
                      "take the key from standard input: the key id and the "
                      "secret, on a line each"},
    [OPTION_DEBUG] = {"debug", NULL, "AWS_SESSION_DEBUG", NULL,
                      "say on standard error what is done and how long it "
                      "takes; the variable is 1"},
    [OPTION_HELP] = {"help", NULL, NULL, NULL, "print this and end"},
    [OPTION_VERSION] = {"version", NULL, NULL, NULL,
                        "print the version and end"},
};

static const struct command commands[] = {
    {"shell", "", "open your shell with temporary credentials (the default)",
     ARGUMENT_NONE, command_shell},
    {"exec", "COMMAND [ARGUMENT ...]",
     "run a command with temporary credentials", ARGUMENT_COMMAND,
     command_exec},
    {"import", "[PROFILE ...]",
     "move access keys from the AWS files into the keyring", ARGUMENT_PROFILES,
     command_import},
    {"rotate", "[PROFILE]", "replace the stored key of a profile by a new one",
     ARGUMENT_PROFILE, command_rotate},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

/* Whether a command takes an option. */
static bool
is_option_of(const struct option_rule *rule, const struct command *command)
{
    const char *name = rule->commands;
    size_t length = strlen(command->name);

    if (name == NULL)
        return true;
    for (; *name != '\0'; name += strspn(name, " ")) {
        size_t word = strcspn(name, " ");

        if (word == length && memcmp(name, command->name, word) == 0)
            return true;
        name += word;
    }
    return false;
}

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
                          rules[optopt - 256].name);
    if (optopt != 0)
        return report_set(report, "unknown option -%c; see aws-session --help",
                          optopt);
    return report_set(report, "unknown option %.*s; see aws-session --help",
                      length < 200 ? length : 200, word);
}

static int
parse_some(struct values *values, int argc, char **argv, struct report *report)
{
    struct option table[OPTION_COUNT + 1] = {0};
    int id;

    for (int i = 0; i < OPTION_COUNT; i++)
        table[i] = (struct option){.name = rules[i].name,
                                   .has_arg = rules[i].argument != NULL
                                                  ? required_argument
                                                  : no_argument,
                                   .val = 256 + i};
    opterr = 0;
    /* '+': options end at the first word that is none. */
    while ((id = getopt_long(argc, argv, "+:h", table, NULL)) != -1) {
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
    for (size_t i = 0; i < COMMAND_COUNT; i++)
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
        if (values->given[i] != NULL && !is_option_of(&rules[i], command))
            return report_set(report,
                              "%s does not take --%s; see aws-session %s "
                              "--help",
                              command->name, rules[i].name, command->name);
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
    if (options->arguments[0] == NULL)
        return 0;
    return report_set(report,
                      "%s takes no%s argument, but there is %.200s; "
                      "see aws-session --help",
                      command->name,
                      command->takes == ARGUMENT_PROFILE ? " second" : "",
                      options->arguments[0]);
}

/* Options, a command, more options, and what is the command's own. */
static int
parse_words(struct options *options, struct values *values, int argc,
            char **argv, struct report *report)
{
    options->command = &commands[0];
    if (parse_some(values, argc, argv, report) != 0)
        return -1;
    if (optind < argc) {
        options->command = find_command(argv[optind]);
        if (options->command == NULL)
            return report_set(report,
                              "unknown command %.200s; to run a program: "
                              "aws-session exec %.200s",
                              argv[optind], argv[optind]);
        argc -= optind;
        argv += optind;
        optind = 0; /* begin anew, after the command's name */
        if (parse_some(values, argc, argv, report) != 0)
            return -1;
    }
    options->arguments = argv + optind;
    if (values->given[OPTION_HELP] != NULL)
        return 0;
    return check_given(options->command, values, report) != 0
               ? -1
               : take_arguments(options, values, report);
}

static int
apply_duration(struct options *options, const struct values *values,
               struct report *report)
{
    const struct option_rule *rule = &rules[OPTION_SESSION_DURATION];
    const char *duration = getenv(rule->variable);
    unsigned *seconds = &options->session.profile.duration;

    if (duration == NULL || !is_option_of(rule, options->command))
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
    return 0;
}

static int
apply_values(struct options *options, const struct values *values,
             struct report *report)
{
    struct session_options *session = &options->session;
    const char *debug;

    options->help = values->given[OPTION_HELP] != NULL;
    options->version = values->given[OPTION_VERSION] != NULL;
    /* Help must not need what it explains: a variable may be wrong. */
    if (options->help || options->version)
        return 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if (values->given[i] != NULL && rules[i].variable != NULL &&
            setenv(rules[i].variable, values->given[i], 1) != 0)
            return report_set(report, "setting %s: %s", rules[i].variable,
                              strerror(errno));
    session->profile.profile = values->given[OPTION_PROFILE];
    session->profile.region = values->given[OPTION_REGION];
    session->code = getenv(rules[OPTION_CODE].variable);
    if (session->code != NULL && session->code[0] == '\0')
        session->code = values->given[OPTION_CODE];
    debug = getenv(rules[OPTION_DEBUG].variable);
    options->debug = debug != NULL && debug[0] != '\0' &&
                     strcmp(debug, "0") != 0;
    options->all = values->given[OPTION_ALL] != NULL;
    options->env = values->given[OPTION_ENV] != NULL;
    options->force = values->given[OPTION_FORCE] != NULL;
    options->json = values->given[OPTION_JSON] != NULL;
    options->keep = values->given[OPTION_KEEP] != NULL;
    options->input = values->given[OPTION_STDIN] != NULL;
    return apply_duration(options, values, report);
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

/* The options of a command; of all with NULL. */
static void
print_options(const struct command *command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_rule *rule = &rules[i];

        if (command != NULL && !is_option_of(rule, command))
            continue;
        printf("  --%s%s%s\n      %s", rule->name,
               rule->argument != NULL ? " " : "",
               rule->argument != NULL ? rule->argument : "", rule->help);
        if (command == NULL && rule->commands != NULL)
            printf(" (%s)", rule->commands);
        if (rule->variable != NULL)
            printf(" [%s]", rule->variable);
        printf("\n");
    }
}

void
options_print_help(const struct options *options)
{
    const struct command *command = options->command;

    if (command == &commands[0]) {
        printf("Usage: aws-session [OPTION ...] [COMMAND [OPTION ...]]\n\n"
               "Short-lived AWS credentials behind MFA.\n\nCommands:\n");
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            printf("  %s%s%s\n      %s\n", commands[i].name,
                   commands[i].arguments[0] != '\0' ? " " : "",
                   commands[i].arguments, commands[i].summary);
    } else {
        printf("Usage: aws-session %s [OPTION ...] %s\n\n%s\n", command->name,
               command->arguments, command->summary);
    }
    printf("\nOptions, and the variables that stand for them:\n");
    print_options(command == &commands[0] ? NULL : command);
    printf("\nSee aws-session(1).\n");
}
