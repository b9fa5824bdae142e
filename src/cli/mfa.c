/*
 * MFA codes: see mfa.h. Part of aws-session. A code is never logged.
 */
#include "mfa.h"

#include "clock.h"
#include "lock.h"
#include "note.h"
#include "terminal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CODE_LENGTH = 6,
    STEP_SECONDS = 30,
    SPENT_SECONDS = 180, /* longer than AWS takes any code: two steps around */
    LINE_SIZE = 64
};

static const char note_name[] = "spent-codes", lock_id[] = "codes";

void
mfa_begin(struct mfa *mfa, const char *serial, const char *given)
{
    *mfa = (struct mfa){.serial = serial, .given = given, .terminal = -1};
}

/* Copy the digits of text, leaving blanks out. Returns 0 if they are a code.
 */
static int
parse_code(const char *text, char code[CODE_LENGTH + 1])
{
    size_t used = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '\t' || *text == '\r')
            continue;
        if (*text < '0' || *text > '9' || used == CODE_LENGTH)
            return -1;
        code[used++] = *text;
    }
    code[used] = '\0';
    return used == CODE_LENGTH ? 0 : -1;
}

enum exit_status
mfa_check_source(const char *given, struct report *report)
{
    char code[CODE_LENGTH + 1];
    int terminal, shape;

    if (given != NULL) {
        shape = parse_code(given, code);
        explicit_bzero(code, sizeof(code));
        if (shape == 0)
            return EXIT_DONE;
        report_set(report, "the MFA code of --code or AWS_SESSION_MFA_CODE is "
                           "not six digits");
        return EXIT_WRONG_CODE;
    }
    terminal = terminal_open();
    if (terminal < 0) {
        report_set(report,
                   "an MFA code is needed and %s: give --code or set "
                   "AWS_SESSION_MFA_CODE",
                   terminal_absence());
        return EXIT_NOBODY_ASKED;
    }
    close(terminal);
    return EXIT_DONE;
}

static unsigned
seconds_to_next_code(void)
{
    return (unsigned)(STEP_SECONDS - clock_now() % STEP_SECONDS);
}

/* Note a code as used, in one step with looking whether it was. Returns
 * whether it was not. */
static bool
claim(const struct mfa *mfa, const char *code)
{
    char spent[256] = "", kept[256];
    struct lock lock = LOCK_NONE;
    bool is_new;

    lock_take(&lock, lock_id, LOCK_BRIEF);
    (void)note_read(note_name, mfa->serial, spent, sizeof(spent));
    is_new = strstr(spent, code) == NULL;
    if (is_new) {
        /* The newest first; what does not fit is old. */
        snprintf(kept, sizeof(kept), "%s %.200s", code, spent);
        note_write(note_name, mfa->serial, kept, SPENT_SECONDS);
        explicit_bzero(kept, sizeof(kept));
    }
    lock_release(&lock);
    explicit_bzero(spent, sizeof(spent));
    return is_new;
}

void
mfa_give_back(const struct mfa *mfa, const struct secret *code)
{
    char spent[256] = "";
    struct lock lock = LOCK_NONE;
    char *at;

    lock_take(&lock, lock_id, LOCK_BRIEF);
    (void)note_read(note_name, mfa->serial, spent, sizeof(spent));
    at = strstr(spent, code->data);
    if (at != NULL) {
        const char *rest = at + CODE_LENGTH + (at[CODE_LENGTH] == ' ');

        memmove(at, rest, strlen(rest) + 1);
        if (spent[0] == '\0')
            note_remove(note_name, mfa->serial);
        else
            note_write(note_name, mfa->serial, spent, SPENT_SECONDS);
    }
    lock_release(&lock);
    explicit_bzero(spent, sizeof(spent));
}

bool
mfa_can_ask(const struct mfa *mfa)
{
    return mfa->given == NULL;
}

void
mfa_tell(struct mfa *mfa, const char *text)
{
    terminal_write(mfa->terminal, text);
    terminal_write(mfa->terminal, "\n");
    mfa->wait = true;
}

/* Whether the terminal can go back to a saved cursor position. */
static bool
can_count_down(void)
{
    const char *term = getenv("TERM");

    return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/*
 * Ask, and while nothing is typed rewrite the seconds in place. What has been
 * typed stays: the cursor is saved (DECSC) and put back (DECRC).
 */
static enum terminal_result
ask_counting(const struct mfa *mfa, char line[LINE_SIZE], int watch_fd)
{
    char text[96];
    enum terminal_result result;
    unsigned left = seconds_to_next_code();

    snprintf(text, sizeof(text), "Next code in %2u s. New MFA code: ", left);
    terminal_write(mfa->terminal, text);
    do {
        result = terminal_read_line(mfa->terminal, line, LINE_SIZE,
                                    can_count_down() ? 1000 : -1, watch_fd);
        if (result != TERMINAL_TIMEOUT)
            return result;
        left = left > 0 ? left - 1 : 0;
        snprintf(text, sizeof(text), "\0337\rNext code in %2u s\0338", left);
        terminal_write(mfa->terminal, text);
    } while (left > 0);
    return terminal_read_line(mfa->terminal, line, LINE_SIZE, -1, watch_fd);
}

static enum terminal_result
ask(struct mfa *mfa, char line[LINE_SIZE], int watch_fd)
{
    char text[320];

    if (mfa->wait) {
        mfa->wait = false;
        return ask_counting(mfa, line, watch_fd);
    }
    snprintf(text, sizeof(text), "MFA code for %.256s%s: ", mfa->serial,
             terminal_skip_hint());
    report_clean(text);
    terminal_write(mfa->terminal, text);
    return terminal_read_line(mfa->terminal, line, LINE_SIZE, -1, watch_fd);
}

static enum mfa_result
get_given_code(const struct mfa *mfa, struct secret *code,
               struct report *report)
{
    char digits[CODE_LENGTH + 1] = "";
    enum mfa_result result = MFA_FAILED;

    if (parse_code(mfa->given, digits) != 0)
        report_set(report, "the MFA code that was given is not six digits");
    else if (!claim(mfa, digits))
        report_set(report,
                   "the MFA code that was given has been used already, and "
                   "each works once: the next one comes in %u s",
                   seconds_to_next_code());
    else if (secret_set(code, digits, CODE_LENGTH) != 0)
        report_set(report, "out of memory");
    else
        result = MFA_CODE;
    explicit_bzero(digits, sizeof(digits));
    return result;
}

enum mfa_result
mfa_get_code(struct mfa *mfa, int watch_fd, struct secret *code,
             struct report *report)
{
    char line[LINE_SIZE] = "", digits[CODE_LENGTH + 1] = "";
    enum mfa_result result = MFA_FAILED;
    enum terminal_result read;

    if (mfa->given != NULL)
        return get_given_code(mfa, code, report);
    if (mfa->terminal < 0)
        mfa->terminal = terminal_open();
    if (mfa->terminal < 0) {
        mfa_check_source(NULL, report);
        return MFA_FAILED;
    }
    while ((read = ask(mfa, line, watch_fd)) == TERMINAL_LINE) {
        if (parse_code(line, digits) != 0) {
            terminal_write(mfa->terminal, "An MFA code is six digits.\n");
        } else if (!claim(mfa, digits)) {
            mfa_tell(mfa, "This code has been used, and each works once.");
        } else if (secret_set(code, digits, CODE_LENGTH) == 0) {
            result = MFA_CODE;
            break;
        }
    }
    if (read == TERMINAL_WATCHED)
        result = MFA_WATCHED;
    else if (read != TERMINAL_LINE)
        report_set(report, "no MFA code was given");
    if (read != TERMINAL_LINE && read != TERMINAL_SKIPPED)
        terminal_write(mfa->terminal, "\n");
    explicit_bzero(line, sizeof(line));
    explicit_bzero(digits, sizeof(digits));
    return result;
}

void
mfa_end(struct mfa *mfa)
{
    if (mfa->terminal >= 0)
        close(mfa->terminal);
    mfa->terminal = -1;
}
