/*
 * Options and commands, and the help made of them: see options_table.h. Part
 * of aws-session.
 */
#include "options_table.h"

#include "commands.h"

#include <stdio.h>
#include <string.h>

const struct option_rule option_rules[OPTION_COUNT] = {
    [OPTION_PROFILE] = {"profile", "NAME", "AWS_DEFAULT_PROFILE", NULL,
                        "profile of the AWS config and credentials files; "
                        "AWS_PROFILE counts before the variable"},
    [OPTION_CODE] = {"code", "CODE", "AWS_SESSION_MFA_CODE",
                     "shell exec refresh export rotate",
                     "MFA code of six digits, instead of being asked; - reads "
                     "it from standard input"},
    [OPTION_SESSION_DURATION] = {"session-duration", "DURATION",
                                 "AWS_SESSION_DURATION",
                                 "shell exec refresh export status rotate",
                                 "life of a new session: 3600, 90m, 12h"},
    [OPTION_REGION] = {"region", "REGION", "AWS_REGION", NULL,
                       "AWS region, for STS and for the command"},
    [OPTION_MFA_SERIAL] = {"mfa-serial", "SERIAL", "AWS_SESSION_MFA_SERIAL",
                           "shell exec refresh export status rotate",
                           "MFA device: the ARN or the serial number"},
    [OPTION_MIN_REMAINING] = {"min-remaining", "DURATION", NULL,
                              "shell exec refresh export",
                              "get a new session if less is left of the kept "
                              "one"},
    [OPTION_NO_PROMPT] = {"no-prompt", NULL, "AWS_SESSION_NO_PROMPT", NULL,
                          "never ask: exit status 123 instead; the variable "
                          "is 1"},
    [OPTION_CACHED] = {"cached", NULL, NULL, "exec refresh export",
                       "only a session that is kept: nobody is asked, nothing "
                       "is sent"},
    [OPTION_ALL] = {"all", NULL, NULL, "clear",
                    "remove the stored keys too, not only sessions"},
    [OPTION_ENV] = {"env", NULL, NULL, "add",
                    "take the key from the environment"},
    [OPTION_FORCE] = {"force", NULL, NULL, "configure add import remove clear",
                      "replace or remove without asking"},
    [OPTION_FORMAT] = {"format", "FORMAT", NULL, "export",
                       "process (credential_process, the default), env, "
                       "env-no-export, fish or json"},
    [OPTION_JSON] = {"json", NULL, NULL, "list status",
                     "print JSON, for programs"},
    [OPTION_KEEP] = {"keep", NULL, NULL, "import",
                     "leave the keys in the files, too"},
    [OPTION_PROFILES] = {"profiles", NULL, NULL, "list",
                         "print the names of all profiles, one per line"},
    [OPTION_SHELL] = {"shell", "SHELL", NULL, "refresh",
                      "print code for bash, zsh, sh or fish"},
    [OPTION_STDIN] = {"stdin", NULL, NULL, "add",
                      "take the key from standard input: the key id and the "
                      "secret, on a line each"},
    [OPTION_TEXT] = {"text", NULL, NULL, "provision-mfa",
                     "print the secret and its otpauth URI too, not only the "
                     "QR code"},
    [OPTION_USER] =
        {"user", "NAME", NULL, "shell exec",
         "run as this user, in a PAM session of theirs (for root)"},
    [OPTION_DEBUG] = {"debug", NULL, "AWS_SESSION_DEBUG", NULL,
                      "say on standard error what is done and how long it "
                      "takes; the variable is 1"},
    [OPTION_HELP] = {"help", NULL, NULL, NULL, "print this and end"},
    [OPTION_VERSION] = {"version", NULL, NULL, NULL,
                        "print the version and end"},
};

const struct command commands[] = {
    {"shell", "", "open your shell with temporary credentials (the default)",
     ARGUMENT_NONE, command_shell},
    {"exec", "COMMAND [ARGUMENT ...]",
     "run a command with temporary credentials", ARGUMENT_COMMAND,
     command_exec},
    {"refresh", "", "print shell code that renews the session of a shell",
     ARGUMENT_NONE, command_refresh},
    {"export", "", "print temporary credentials, for other programs",
     ARGUMENT_NONE, command_export},
    {"configure", "[NAME]",
     "let the AWS CLI and SDKs take a profile's credentials from here",
     ARGUMENT_NAME, command_configure},
    {"provision-mfa", "[NAME]", "make and enable a virtual MFA device",
     ARGUMENT_NAME, command_provision_mfa},
    {"add", "[PROFILE]", "give a long-lived access key to the signer to keep",
     ARGUMENT_PROFILE, command_add},
    {"import", "[PROFILE ...]",
     "move access keys from the AWS files into the keyring", ARGUMENT_PROFILES,
     command_import},
    {"rotate", "[PROFILE]", "replace the stored key of a profile by a new one",
     ARGUMENT_PROFILE, command_rotate},
    {"remove", "[PROFILE]", "remove the stored key of a profile",
     ARGUMENT_PROFILE, command_remove},
    {"list", "", "show access keys, who can read them, and sessions",
     ARGUMENT_NONE, command_list},
    {"status", "",
     "show who you are, for how long, and how keys are protected",
     ARGUMENT_NONE, command_status},
    {"clear", "", "end the sessions of all profiles, or of --profile",
     ARGUMENT_NONE, command_clear},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

bool
option_belongs(const struct option_rule *rule, const struct command *command)
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

/* The options of a command; of all with NULL. */
static void
print_options(const struct command *command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_rule *rule = &option_rules[i];

        if (command != NULL && !option_belongs(rule, command))
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
        for (size_t i = 0; i < command_count; i++)
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
