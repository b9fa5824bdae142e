/*
 * Sources of MFA codes: see mfa_source.h. Part of aws-session.
 */
#include "mfa_source.h"

#include "input_line.h"
#include "mfa_code.h"
#include "mfa_process.h"
#include "terminal.h"

#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 64 };

static bool
is_code(const char *text)
{
    char code[MFA_CODE_SIZE];
    int result = mfa_parse_code(text, code);

    explicit_bzero(code, sizeof(code));
    return result == 0;
}

static int
read_input(struct secret *input, struct report *report)
{
    struct report cause;
    int result;

    if (isatty(STDIN_FILENO))
        return report_set(report, "--code - (AWS_SESSION_MFA_CODE) reads "
                                  "standard input, and that is a terminal: "
                                  "without --code you are asked");
    result = input_line_read(input, LINE_MOST, "the MFA code", &cause);
    if (result > 0)
        return report_set(report, "--code - (AWS_SESSION_MFA_CODE): standard "
                                  "input ended before there was a code");
    if (result < 0)
        return report_set(report, "--code - (AWS_SESSION_MFA_CODE): %.800s",
                          cause.text);
    if (!is_code(input->data))
        return report_set(report, "--code - (AWS_SESSION_MFA_CODE): the line "
                                  "of standard input is not six digits");
    return 0;
}

int
mfa_source_begin(struct mfa_source *source, const char *code,
                 struct report *report)
{
    *source = (struct mfa_source){.given = code};
    if (code == NULL || strcmp(code, "-") != 0)
        return 0;
    if (read_input(&source->input, report) != 0)
        return -1;
    source->given = source->input.data;
    return 0;
}

enum exit_status
mfa_source_check(const struct mfa_source *source, struct report *report)
{
    if (source->given != NULL) {
        if (is_code(source->given))
            return EXIT_DONE;
        report_set(report, "the MFA code of --code or AWS_SESSION_MFA_CODE is "
                           "not six digits");
        return EXIT_WRONG_CODE;
    }
    if (source->process != NULL)
        return mfa_process_check(source->process_place, report) == 0
                   ? EXIT_DONE
                   : EXIT_FAILED;
    if (terminal_is_there())
        return EXIT_DONE;
    report_set(report,
               "an MFA code is needed and %s: give --code or set "
               "AWS_SESSION_MFA_CODE",
               terminal_absence());
    return EXIT_NOBODY_ASKED;
}

bool
mfa_source_needs_person(const struct mfa_source *source)
{
    return source->given == NULL && terminal_is_there();
}

void
mfa_source_end(struct mfa_source *source)
{
    secret_free(&source->input);
    *source = (struct mfa_source){0};
}
