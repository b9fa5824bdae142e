/*
 * Getting a long-lived access key: see key_input.h. Part of aws-session.
 */
#include "key_input.h"

#include "dialog.h"
#include "input_line.h"
#include "key_shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 512 };

static int
check(const struct key_input *key, struct report *report)
{
    return key_shape_check_id(key->access_key_id.data, report) != 0
               ? -1
               : key_shape_check_secret(&key->secret_access_key, report);
}

/* What pasting brings along at the ends. */
static void
trim(struct secret *line)
{
    size_t from = 0, to = line->length;

    while (from < to && (unsigned char)line->data[from] <= ' ')
        from++;
    while (to > from && (unsigned char)line->data[to - 1] <= ' ')
        to--;
    memmove(line->data, line->data + from, to - from);
    explicit_bzero(line->data + (to - from), line->length - (to - from));
    line->length = to - from;
}

static int
ask_id(int terminal, struct secret *id, const char *profile,
       struct report *report)
{
    char line[LINE_MAX_SIZE] = "", prompt[REPORT_SIZE];
    int result = -1;

    snprintf(prompt, sizeof(prompt),
             "Access key id for profile %s: ", profile);
    report_clean(prompt);
    terminal_write(terminal, prompt);
    if (terminal_read_line(terminal, line, sizeof(line), -1, -1) !=
        TERMINAL_LINE) {
        terminal_write(terminal, "\n");
        report_set(report, "no access key id was given");
    } else if (secret_set(id, line, strlen(line)) != 0) {
        report_set(report, "out of memory");
    } else {
        trim(id);
        result = key_shape_check_id(id->data, report);
    }
    explicit_bzero(line, sizeof(line));
    return result;
}

int
key_input_ask_secret(struct key_input *key, int terminal,
                     struct report *report)
{
    if (dialog_read_secret(terminal, "Secret access key (not shown): ",
                           &key->secret_access_key,
                           KEY_SHAPE_SECRET_MAX) != TERMINAL_LINE)
        return report_set(report, "no secret access key was given");
    trim(&key->secret_access_key);
    return key_shape_check_secret(&key->secret_access_key, report);
}

enum exit_status
key_input_ask(struct key_input *key, const char *profile,
              struct report *report)
{
    int terminal = terminal_open();
    int result = -1;

    if (terminal < 0) {
        report_set(report,
                   "%s for the access key: give it with --stdin or --env",
                   terminal_absence());
        return EXIT_NOBODY_ASKED;
    }
    if (ask_id(terminal, &key->access_key_id, profile, report) == 0)
        result = key_input_ask_secret(key, terminal, report);
    close(terminal);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int
read_line(struct secret *line, const char *what, struct report *report)
{
    int result = input_line_read(line, LINE_MAX_SIZE, what, report);

    if (result > 0)
        return report_set(report,
                          "standard input ended before %s: it takes the key "
                          "id and the secret, on a line each",
                          what);
    if (result == 0)
        trim(line);
    return result;
}

int
key_input_read(struct key_input *key, struct report *report)
{
    if (isatty(STDIN_FILENO))
        return report_set(report,
                          "standard input is a terminal, which would show the "
                          "secret: leave --stdin out to be asked");
    if (read_line(&key->access_key_id, "the access key id", report) != 0 ||
        read_line(&key->secret_access_key, "the secret access key", report) !=
            0)
        return -1;
    return check(key, report);
}

static int
take_variable(struct secret *value, const char *name, struct report *report)
{
    const char *text = getenv(name);

    if (text == NULL || *text == '\0')
        return report_set(report, "--env: %s is not set", name);
    if (secret_set(value, text, strlen(text)) != 0)
        return report_set(report, "out of memory");
    return 0;
}

int
key_input_take_variables(struct key_input *key, struct report *report)
{
    static const char secret_name[] = "AWS_SECRET_ACCESS_KEY";
    static const char *const tokens[] = {"AWS_SESSION_TOKEN",
                                         "AWS_SECURITY_TOKEN"};
    char *secret = getenv(secret_name);
    int result;

    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        const char *token = getenv(tokens[i]);

        if (token != NULL && *token != '\0')
            return report_set(report,
                              "--env: the environment holds temporary "
                              "credentials (%s is set), which cannot make an "
                              "MFA session",
                              tokens[i]);
    }
    result = take_variable(&key->access_key_id, "AWS_ACCESS_KEY_ID", report);
    if (result == 0)
        result = take_variable(&key->secret_access_key, secret_name, report);
    /* It is in our memory only once from here on. */
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    return result == 0 ? check(key, report) : -1;
}

void
key_input_free(struct key_input *key)
{
    secret_free(&key->access_key_id);
    secret_free(&key->secret_access_key);
}
