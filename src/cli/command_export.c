/*
 * aws-session export: print temporary credentials, for other programs.
 *
 * Part of aws-session. Prints all or nothing: a program must not take half a
 * session for a whole one. Standard output has nothing else on it, whatever
 * is asked on the terminal.
 */
#include "clock.h"
#include "commands.h"
#include "environment.h"
#include "json.h"
#include "output.h"
#include "shell_code.h"
#include "terminal.h"

#include <string.h>

/* botocore renews what has less left, and runs us for every request then. */
enum { WANTED_SECONDS = 900 };

/* The document of the keyring, byte for byte, and a newline. */
static int
write_process(struct secret *text, const struct session *session,
              struct report *report)
{
    if (session_document_write(session, text, report) != 0)
        return -1;
    return secret_append_string(text, "\n") == 0
               ? 0
               : report_set(report, "out of memory");
}

/* The same, with what else there is to say. */
static int
write_json(struct secret *text, const struct profile *profile,
           const struct session *session, struct report *report)
{
    struct secret document = {0};
    cJSON *root = NULL;
    int result = session_document_write(session, &document, report);

    if (result == 0) {
        root = cJSON_ParseWithLength(document.data, document.length);
        json_add_text(root, "Profile", profile->name);
        json_add_text(root, "Region", profile->region);
        json_add_number(root, "SecondsLeft",
                        session->expiration - clock_now());
        result = json_write(root, text, report);
    }
    secret_free(&document);
    return result;
}

/* A format for shells and files of variables. */
struct lines {
    const char *format;
    enum shell_kind kind;
    const char *begin, *separator;
};

/* "aws configure export-credentials" knows the same by these names. */
static const struct lines all_lines[] = {
    {"env", SHELL_POSIX, "export ", "="},
    {"env-no-export", SHELL_POSIX, "", "="},
    {"fish", SHELL_FISH, "set -gx ", " "},
};

static int
write_lines(struct secret *text, const struct lines *lines,
            const struct session *session, struct report *report)
{
    char expiration[TIMESTAMP_SIZE];
    const struct variable variables[] = {
        {"AWS_ACCESS_KEY_ID", session->access_key_id.data},
        {"AWS_SECRET_ACCESS_KEY", session->secret_access_key.data},
        {"AWS_SESSION_TOKEN", session->session_token.data},
        /* Not the CLI's: botocore would take one that is there already. */
        {"AWS_SECURITY_TOKEN", session->session_token.data},
        {"AWS_CREDENTIAL_EXPIRATION", expiration},
    };

    timestamp_format(session->expiration, expiration);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (secret_append_string(text, lines->begin) != 0 ||
            secret_append_string(text, variables[i].name) != 0 ||
            secret_append_string(text, lines->separator) != 0 ||
            shell_code_word(text, lines->kind, variables[i].value) != 0 ||
            secret_append_string(text, "\n") != 0)
            return report_set(report, "out of memory");
    return 0;
}

static const struct lines *
find_lines(const char *format)
{
    for (size_t i = 0; i < sizeof(all_lines) / sizeof(all_lines[0]); i++)
        if (strcmp(format, all_lines[i].format) == 0)
            return &all_lines[i];
    return NULL;
}

int
command_export(const struct options *options, struct report *report)
{
    const char *format = options->format != NULL ? options->format : "process";
    const struct lines *lines = find_lines(format);
    bool is_json = strcmp(format, "json") == 0;
    struct session_options wanted = options->session;
    struct profile profile = {0};
    struct session session = {0};
    struct secret text = {0};
    enum exit_status status;
    int result;

    if (lines == NULL && !is_json && strcmp(format, "process") != 0) {
        report_set(report,
                   "--format: '%.100s' is none of process, env, "
                   "env-no-export, fish and json",
                   format);
        return EXIT_USAGE;
    }
    wanted.wanted_remaining = WANTED_SECONDS;
    wanted.outside = true;
    terminal_refuse_stop();
    status = session_get(&wanted, &profile, &session, report);
    if (status == EXIT_DONE) {
        result = lines != NULL ? write_lines(&text, lines, &session, report)
                 : is_json     ? write_json(&text, &profile, &session, report)
                               : write_process(&text, &session, report);
        if (result != 0 || output_write(&text, report) != 0)
            status = EXIT_FAILED;
    }
    secret_free(&text);
    session_free(&session);
    profile_free(&profile);
    return status;
}
