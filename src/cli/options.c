/*
 * The command line: see options.h. Part of aws-session.
 */
#include "options.h"

#include "commands.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
    OPTION_PROFILE,
    OPTION_CODE,
    OPTION_SESSION_DURATION,
    OPTION_REGION,
    OPTION_DEBUG,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

struct option_rule {
    const char *name;
    const char *argument; /* NULL for none */
    const char *variable; /* read when the option is not given */
    const char *help;
};

static const struct option_rule rules[OPTION_COUNT] = {
    [OPTION_PROFILE] = {"profile", "NAME", "AWS_DEFAULT_PROFILE",
                        "profile of the AWS config and credentials files; "
                        "AWS_PROFILE counts before the variable"},
    [OPTION_CODE] = {"code", "CODE", "AWS_SESSION_MFA_CODE",
                     "MFA code of six digits, instead of being asked"},
    [OPTION_SESSION_DURATION] = {"session-duration", "DURATION",
                                 "AWS_SESSION_DURATION",
                                 "life of a new session: 3600, 90m, 12h"},
    [OPTION_REGION] = {"region", "REGION", "AWS_REGION",
                       "AWS region, for STS and for the command"},
    [OPTION_DEBUG] = {"debug", NULL, "AWS_SESSION_DEBUG",
                      "say on standard error what is done and how long it "
                      "takes; the variable is 1"},
    [OPTION_HELP] = {"help", NULL, NULL, "print this and end"},
    [OPTION_VERSION] = {"version", NULL, NULL, "print the version and end"},
};

static const struct command commands[] = {
    {"shell", "", "open your shell with temporary credentials (the default)",
     false, command_shell},
    {"exec", "COMMAND [ARGUMENT ...]",
     "run a command with temporary credentials", true, command_exec},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

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
    if (options->arguments[0] != NULL && !options->command->takes_arguments)
        return report_set(report,
                          "%s takes no argument, but there is %.200s; "
                          "see aws-session --help",
                          options->command->name, options->arguments[0]);
    return 0;
}

static int
apply_values(struct options *options, const struct values *values,
             struct report *report)
{
    struct session_options *session = &options->session;
    const char *duration, *debug;

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
    duration = getenv(rules[OPTION_SESSION_DURATION].variable);
    /* An empty variable is none; 0 would be taken for none further on. */
    if (duration != NULL &&
        (duration[0] != '\0' ||
         values->given[OPTION_SESSION_DURATION] != NULL) &&
        (duration_parse(duration, &session->profile.duration) != 0 ||
         session->profile.duration == 0))
        return report_set(report,
                          "--session-duration (AWS_SESSION_DURATION): "
                          "'%.100s' is no duration: give seconds, or 90m, "
                          "12h, 1h30m",
                          duration);
    debug = getenv(rules[OPTION_DEBUG].variable);
    options->debug = debug != NULL && debug[0] != '\0' &&
                     strcmp(debug, "0") != 0;
    return 0;
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

static void
print_options(void)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_rule *rule = &rules[i];

        printf("  --%s%s%s\n      %s", rule->name,
               rule->argument != NULL ? " " : "",
               rule->argument != NULL ? rule->argument : "", rule->help);
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
            printf("  %s %s\n      %s\n", commands[i].name,
                   commands[i].arguments, commands[i].summary);
    } else {
        printf("Usage: aws-session %s [OPTION ...] %s\n\n%s\n", command->name,
               command->arguments, command->summary);
    }
    printf("\nOptions, and the variables that stand for them:\n");
    print_options();
    printf("\nSee aws-session(1).\n");
}

int
duration_parse(const char *text, unsigned *seconds)
{
    unsigned long long total = 0;
    bool any = false;

    while (*text != '\0') {
        unsigned long long number = 0;
        unsigned unit = 1;
        const char *start = text;

        for (; *text >= '0' && *text <= '9'; text++) {
            number = number * 10 + (unsigned)(*text - '0');
            if (number > UINT_MAX)
                return -1;
        }
        if (text == start)
            return -1;
        if (*text == 'h')
            unit = 3600;
        else if (*text == 'm')
            unit = 60;
        else if (*text != 's' && *text != '\0')
            return -1;
        /* A number without a unit stands alone. */
        if (*text == '\0' && any)
            return -1;
        if (*text != '\0')
            text++;
        any = true;
        total += number * unit;
        if (total > UINT_MAX)
            return -1;
    }
    *seconds = (unsigned)total;
    return any ? 0 : -1;
}
