/*
 * The one table of options and the one of commands: parsing, help, and the
 * test that holds README.md and the man page against them read no other.
 *
 * Part of aws-session. Private to options.c and what prints of them.
 */
#ifndef AWS_SESSION_OPTIONS_TABLE_H
#define AWS_SESSION_OPTIONS_TABLE_H

#include "options.h"

enum option_id {
    OPTION_PROFILE,
    OPTION_CODE,
    OPTION_SESSION_DURATION,
    OPTION_REGION,
    OPTION_MFA_SERIAL,
    OPTION_MIN_REMAINING,
    OPTION_NO_PROMPT,
    OPTION_CACHED,
    OPTION_ALL,
    OPTION_ENV,
    OPTION_FORCE,
    OPTION_FORMAT,
    OPTION_JSON,
    OPTION_KEEP,
    OPTION_PROFILES,
    OPTION_SHELL,
    OPTION_STDIN,
    OPTION_TEXT,
    OPTION_USER,
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

extern const struct option_rule option_rules[OPTION_COUNT];

/* The first one is what happens without a command. */
extern const struct command commands[];
extern const size_t command_count;

/* Whether a command takes an option. */
bool option_belongs(const struct option_rule *rule,
                    const struct command *command);

#endif
