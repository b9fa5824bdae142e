/*
 * The command line: one table of options, one of commands.
 *
 * Part of aws-session. --help is printed from these tables; a test holds
 * README.md and the man page against them.
 */
#ifndef AWS_SESSION_OPTIONS_H
#define AWS_SESSION_OPTIONS_H

#include "report.h"
#include "session.h"

/* What was asked for. Strings point into argv and the environment. */
struct options {
    const struct command *command; /* never NULL after options_parse */
    bool named;                    /* the command line has its name */
    struct session_options session;
    bool debug;
    bool help;
    bool version;
    bool all;
    bool env; /* the key is in the environment */
    bool force;
    bool json;
    bool keep;
    bool profiles;      /* list the names of profiles */
    bool text;          /* show the secret of an MFA device as text, too */
    const char *format; /* of export; NULL for the default */
    const char *shell;  /* of refresh; NULL for the default */
    const char *user;   /* whom the command runs as; NULL: as we are */
    bool input;         /* --stdin: the key is on standard input */
    char **arguments;   /* what follows the command, NULL-terminated; without
                           the PROFILE that session.profile.profile has */
};

/* What may follow a command's name and options. */
enum argument_kind {
    ARGUMENT_NONE,
    ARGUMENT_NAME,     /* [NAME], in arguments[0] */
    ARGUMENT_PROFILE,  /* [PROFILE], the same as --profile */
    ARGUMENT_PROFILES, /* [PROFILE ...] */
    ARGUMENT_COMMAND   /* a program and whatever it takes */
};

/* A command; run returns an exit status and fills the report if that is not
 * EXIT_DONE. It does not return at all when it becomes another program. */
struct command {
    const char *name;
    const char *arguments; /* as help shows them, "" for none */
    const char *summary;
    enum argument_kind takes;
    int (*run)(const struct options *options, struct report *report);
};

/*
 * Read options, command and arguments, then the variables behind options that
 * were not given; an option that was given sets its variable, so that it is
 * the default inside. Variables of options that are not the command's own are
 * not looked at. Returns 0, or -1 with the report filled (a wrong use).
 */
int options_parse(struct options *options, int argc, char **argv,
                  struct report *report);

/* Whether the command becomes another program, which takes --user: under sudo
 * it keeps its ids. All others are run as the person who called sudo. */
bool options_keep_ids(const struct options *options);

/* Print the help of a command, or the general one, to standard output. */
void options_print_help(const struct options *options);

#endif
