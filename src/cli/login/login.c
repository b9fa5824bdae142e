/*
 * The way of a login: see login.h. Part of aws-session.
 *
 * What can hang (the home directory, the user database, the keyring, the
 * network) is done in a child, see login_child.h. Here are only local files of
 * root's.
 */
#include "login.h"

#include "debug.h"
#include "environment.h"
#include "login_child.h"
#include "policy.h"
#include "session_child.h"
#include "user_shell.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char link_prefix[] = "aws-session-";
static const char original_command[] = "SSH_ORIGINAL_COMMAND";

/* Whether a word is a '-' and letters of a set. */
static bool
is_letters(const char *word, const char *set)
{
    return word[0] == '-' && word[1] != '\0' &&
           word[1 + strspn(word + 1, set)] == '\0';
}

/* Whether the first word is for a shell, given that SHELL names us: our own
 * options are long ones, and -h. */
static bool
is_for_shell(const char *word)
{
    return word == NULL || (word[0] == '-' && word[1] != '-' &&
                            word[1] != '\0' && strcmp(word, "-h") != 0);
}

bool
login_recognize(struct login *login, int argc, char **argv)
{
    const char *variable = getenv("SHELL");
    const char *zeroth, *name, *first;

    if (argc < 1)
        return false;
    zeroth = argv[0];
    first = argv[1];
    name = strrchr(zeroth, '/');
    name = name != NULL ? name + 1 : zeroth;
    *login = (struct login){.login = zeroth[0] == '-', .words = argv + 1};
    name += name[0] == '-';
    if (strncmp(name, link_prefix, strlen(link_prefix)) == 0)
        login->link = name + strlen(link_prefix);
    return login->login || login->link != NULL ||
           (first != NULL && is_letters(first, "cil")) ||
           (variable != NULL && is_for_shell(first) &&
            user_shell_is_ours(variable));
}

/* What the real shell gets. */
struct start {
    bool login;
    bool interactive;   /* reads commands from a terminal */
    char *const *words; /* NULL: an interactive shell with our hooks */
    char *forced[3];    /* -c and the command that ForceCommand replaced */
};

/* Whether all words are -i, -l or both: a shell that reads commands from its
 * standard input. */
static bool
is_plain(char *const *words)
{
    while (*words != NULL && is_letters(*words, "il"))
        words++;
    return *words == NULL;
}

static bool
has_letter(char *const *words, char letter)
{
    for (; *words != NULL; words++)
        if (strchr(*words, letter) != NULL)
            return true;
    return false;
}

/*
 * "ForceCommand aws-session -l": sshd(8) put what the person wanted into a
 * variable. Only in this form, since the variable lives on in what a login
 * starts, as in the shells of tmux.
 */
static bool
take_original_command(const struct login *login, struct start *start)
{
    static char option[] = "-c";
    char *command = getenv(original_command);

    if (command == NULL || login->login || login->words[0] == NULL ||
        strcmp(login->words[0], "-l") != 0 || login->words[1] != NULL)
        return false;
    command = strdup(command);
    if (command == NULL)
        return false;
    unsetenv(original_command); /* or what it starts would run it again */
    *start = (struct start){.forced = {option, command, NULL}};
    start->words = start->forced;
    return true;
}

static void
choose_start(const struct login *login, struct start *start)
{
    if (take_original_command(login, start))
        return;
    *start = (struct start){.login = login->login, .words = login->words};
    if (!is_plain(login->words) || !isatty(STDIN_FILENO) ||
        !isatty(STDERR_FILENO))
        return;
    start->interactive = true;
    start->login = login->login || has_letter(login->words, 'l');
    start->words = NULL;
}

static void
ignore_signal(int number)
{
    (void)number;
}

/*
 * What is typed before the shell is there must not end the login. A handler,
 * since exec itself puts it back: what was ignored stays ignored, the rest is
 * as it was, and there is no moment in between.
 */
static void
hold_signals(void)
{
    static const int typed[] = {SIGINT, SIGQUIT, SIGTSTP};
    struct sigaction before, ours = {.sa_handler = ignore_signal};

    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++)
        if (sigaction(typed[i], NULL, &before) == 0 &&
            before.sa_handler == SIG_DFL)
            sigaction(typed[i], &ours, NULL);
}

/* What the child found. */
struct found {
    enum exit_status status; /* EXIT_DONE: there is a session */
    struct profile profile;
    struct session session;
    struct report problem; /* why there is none */
    bool no_key;           /* and that this needs no words */
    struct report warning; /* something else to say, or "" */
    char *own_shell, *account_shell;
};

static void
note_told(void *to, unsigned about, const char *text)
{
    struct found *found = to;

    switch ((enum login_told)about) {
    case LOGIN_OWN_SHELL:
        free(found->own_shell);
        found->own_shell = strdup(text);
        break;
    case LOGIN_ACCOUNT_SHELL:
        free(found->account_shell);
        found->account_shell = strdup(text);
        break;
    case LOGIN_WARNING:
        report_set(&found->warning, "%s", text);
        break;
    case LOGIN_NO_KEY:
        found->no_key = true;
        break;
    }
}

static void
find(struct found *found, bool interactive, unsigned seconds)
{
    const struct session_child child = {.seconds = seconds,
                                        .get = login_child_get,
                                        .told = note_told,
                                        .to = found};
    const struct session_options options = {.cached = !interactive};

    *found = (struct found){0};
    found->status = session_child_get(&child, &options, &found->profile,
                                      &found->session, &found->problem);
}

static void
found_free(struct found *found)
{
    session_free(&found->session);
    profile_free(&found->profile);
    free(found->own_shell);
    free(found->account_shell);
}

/* Returns EXIT_DONE if the login goes on. */
static int
check_required(const struct policy *policy, const struct found *found,
               bool interactive, struct report *report)
{
    if (!policy->require_session || found->status == EXIT_DONE ||
        getuid() == 0)
        return EXIT_DONE;
    report_set(report,
               "no login without an AWS session on this machine "
               "(require_session = yes): %.700s",
               found->problem.text);
    return interactive ? EXIT_FAILED : EXIT_NOBODY_ASKED;
}

/* Say on the terminal what the person should know. */
static void
tell(const struct found *found)
{
    if (found->warning.text[0] != '\0')
        warn_line("%s", found->warning.text);
    if (found->status != EXIT_DONE && !found->no_key)
        warn_line("going on without AWS credentials: %.700s; to get them "
                  "later: aws-session-refresh",
                  found->problem.text);
}

/* One that somebody decided for: on a terminal it is said if it is not to be
 * had. */
static void
add_decided(struct user_shells *shells, const char *path, bool loud)
{
    if (path != NULL && path[0] != '\0' && !user_shells_add(shells, path) &&
        loud)
        warn_line("%.400s is no shell that can be run: taking another one",
                  path);
}

static void
choose_shells(const struct login *login, const struct policy *policy,
              const struct found *found, bool loud, struct user_shells *shells)
{
    if (login->link != NULL && !user_shells_add_named(shells, login->link) &&
        loud)
        warn_line("no shell called %.100s is in /etc/shells: taking another "
                  "one",
                  login->link);
    add_decided(shells, found->own_shell, loud);
    add_decided(shells, policy->shell, loud);
    user_shells_add(shells, getenv("SHELL"));
    user_shells_add(shells, found->account_shell);
    user_shells_add_last(shells);
}

/* All is decided: become the shell. */
static int
start_shell(const struct start *start, const struct user_shells *shells,
            struct found *found, struct report *report)
{
    if (found->status == EXIT_DONE &&
        environment_apply(&found->profile, &found->session, report) != 0) {
        found->status = EXIT_FAILED;
        found->problem = *report;
    }
    if (start->interactive)
        tell(found);
    return user_shells_start(shells, start->login, start->words,
                             start->interactive, report);
}

int
login_run(const struct login *login, struct report *report)
{
    struct user_shells shells = {0};
    struct policy policy;
    struct found found;
    struct start start;
    int status;

    choose_start(login, &start);
    if (start.interactive)
        hold_signals();
    /* A mistake in the file locks nobody out: the child meets it, too, and
     * says so. */
    if (policy_load(&policy, report) != 0)
        policy_parse(&policy, "", "", 0, report);
    find(&found, start.interactive, policy.login_timeout);
    status = check_required(&policy, &found, start.interactive, report);
    if (status == EXIT_DONE) {
        choose_shells(login, &policy, &found, start.interactive, &shells);
        status = start_shell(&start, &shells, &found, report);
    }
    user_shells_free(&shells);
    found_free(&found);
    return status;
}
