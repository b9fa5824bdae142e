/*
 * aws-session refresh: print shell code that renews the session of a shell.
 *
 * Part of aws-session. Prints code to eval, whole or not at all; what there is
 * to say goes to standard error.
 */
#include "commands.h"
#include "environment.h"
#include "output.h"
#include "shell_code.h"
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kind of --shell, else of SHELL, else a plain one. */
static int
choose_kind(const char *given, enum shell_kind *kind, struct report *report)
{
    const char *shell = getenv("SHELL");
    const char *name = shell != NULL ? strrchr(shell, '/') : NULL;

    *kind = SHELL_POSIX;
    if (given == NULL) {
        if (shell != NULL)
            (void)shell_code_kind(name != NULL ? name + 1 : shell, kind);
        return 0;
    }
    if (shell_code_kind(given, kind) == 0)
        return 0;
    return report_set(report,
                      "--shell: there is no code for '%.100s', only for bash, "
                      "zsh, sh and fish",
                      given);
}

/* Secrets on a screen help nobody. */
static int
refuse_terminal(enum shell_kind kind, struct report *report)
{
    return report_set(report,
                      "refresh prints code with secrets, for a shell to run: "
                      "%s",
                      kind == SHELL_FISH
                          ? "aws-session refresh --shell fish | source"
                          : "eval \"$(aws-session refresh)\"");
}

static bool
is_variable(const char *name, const char *value)
{
    const char *set = getenv(name);

    return set != NULL && strcmp(set, value) == 0;
}

/* AWS_PROFILE goes with a session that comes; in a shell that has one of the
 * same profile already, the person set it there, and it stays. */
static bool
is_left(const struct variable *variable, const struct profile *profile)
{
    return strcmp(variable->name, "AWS_PROFILE") == 0 &&
           is_variable("AWS_SESSION_PROFILE", profile->name);
}

static enum exit_status
print_change(enum shell_kind kind, const struct profile *profile,
             const struct session *session, struct report *report)
{
    struct environment plan = {0};
    struct secret code = {0};
    int result = environment_plan(&plan, profile, session, report);

    for (size_t i = 0; result == 0 && i < plan.count; i++) {
        const struct variable *variable = &plan.variables[i];

        if (!is_left(variable, profile) &&
            shell_code_variable(&code, kind, variable->name,
                                variable->value) != 0)
            result = report_set(report, "out of memory");
    }
    if (result == 0)
        result = output_write(&code, report);
    secret_free(&code);
    environment_free(&plan);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* Whether the shell that asks has this session already. */
static bool
has_session(const struct session *session)
{
    return is_variable("AWS_ACCESS_KEY_ID", session->access_key_id.data);
}

/* Whether the shell has a session of ours that has not been ended there. */
static bool
has_any_session(const struct profile *profile)
{
    const char *token = getenv("AWS_SESSION_TOKEN");

    return token != NULL && *token != '\0' &&
           is_variable("AWS_SESSION_PROFILE", profile->name);
}

/*
 * For the hooks of the shells, after a change of the sessions: a session that
 * was kept meanwhile, or the end of one that was cleared.
 */
static enum exit_status
refresh_cached(const struct options *options, enum shell_kind kind,
               struct report *report)
{
    struct profile profile = {0};
    struct session session = {0};
    enum exit_status status;
    bool cleared;

    status = session_find(&options->session, &profile, &session, &cleared,
                          report);
    if (status == EXIT_DONE && (session.access_key_id.data != NULL
                                    ? !has_session(&session)
                                    : cleared && has_any_session(&profile)))
        status = print_change(kind, &profile, &session, report);
    session_free(&session);
    profile_free(&profile);
    return status;
}

/* Another session than the shell's, or with --min-remaining one of that life;
 * with a code a new one in any case. */
static enum exit_status
refresh(const struct options *options, enum shell_kind kind,
        struct report *report)
{
    struct session_options wanted = options->session;
    struct profile profile = {0};
    struct session session = {0};
    enum exit_status status;

    wanted.renew = wanted.code != NULL;
    wanted.newer = wanted.min_remaining == 0;
    status = session_get(&wanted, &profile, &session, report);
    if (status == EXIT_DONE)
        status = print_change(kind, &profile, &session, report);
    session_free(&session);
    profile_free(&profile);
    return status;
}

int
command_refresh(const struct options *options, struct report *report)
{
    enum shell_kind kind;

    if (choose_kind(options->shell, &kind, report) != 0 ||
        (isatty(STDOUT_FILENO) && refuse_terminal(kind, report) != 0))
        return EXIT_USAGE;
    terminal_refuse_stop();
    if (options->session.cached)
        return refresh_cached(options, kind, report);
    return refresh(options, kind, report);
}
