/*
 * MFA codes: see mfa.h. Part of aws-session. A code is never logged.
 */
#include "mfa.h"

#include "debug.h"
#include "mfa_code.h"
#include "mfa_process.h"
#include "terminal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void
mfa_begin(struct mfa *mfa, const char *serial, const struct mfa_source *source)
{
    *mfa = (struct mfa){.serial = serial, .source = source, .terminal = -1};
}

void
mfa_give_back(const struct mfa *mfa, const struct secret *code)
{
    mfa_code_give_back(mfa->serial, code->data);
}

bool
mfa_can_ask(const struct mfa *mfa)
{
    return mfa->source->given == NULL &&
           (mfa->source->process == NULL || !mfa->waited);
}

static void
say(struct mfa *mfa, const char *text)
{
    if (mfa->terminal < 0)
        mfa->terminal = terminal_open();
    if (mfa->terminal < 0) {
        warn_line("%s", text);
        return;
    }
    terminal_write(mfa->terminal, text);
    terminal_write(mfa->terminal, "\n");
}

void
mfa_tell(struct mfa *mfa, const char *text)
{
    mfa->wait = true;
    say(mfa, text);
}

/* Whether the terminal can go back to a saved cursor position. */
static bool
can_count_down(void)
{
    const char *term = getenv("TERM");

    return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/* What has been typed stays: the cursor is saved (DECSC) and put back (DECRC).
 */
enum terminal_result
mfa_ask_counting(int terminal, const char *question, char line[MFA_LINE_SIZE],
                 int watch_fd)
{
    char text[96];
    enum terminal_result result;
    unsigned left = mfa_code_seconds_left();

    snprintf(text, sizeof(text), "Next code in %2u s. %s: ", left, question);
    terminal_write(terminal, text);
    do {
        result = terminal_read_line(terminal, line, MFA_LINE_SIZE,
                                    can_count_down() ? 1000 : -1, watch_fd);
        if (result != TERMINAL_TIMEOUT)
            return result;
        left = left > 0 ? left - 1 : 0;
        snprintf(text, sizeof(text), "\0337\rNext code in %2u s\0338", left);
        terminal_write(terminal, text);
    } while (left > 0);
    return terminal_read_line(terminal, line, MFA_LINE_SIZE, -1, watch_fd);
}

static enum terminal_result
ask(struct mfa *mfa, char line[MFA_LINE_SIZE], int watch_fd)
{
    char text[320];

    if (mfa->wait) {
        mfa->wait = false;
        return mfa_ask_counting(mfa->terminal, "New MFA code", line, watch_fd);
    }
    snprintf(text, sizeof(text), "MFA code for %.256s%s: ", mfa->serial,
             terminal_skip_hint());
    report_clean(text);
    terminal_write(mfa->terminal, text);
    return terminal_read_line(mfa->terminal, line, MFA_LINE_SIZE, -1,
                              watch_fd);
}

/* Claim the digits and hand them over. Returns whether they were new; the
 * result is MFA_CODE then, or MFA_FAILED with the report filled. If they were
 * not, it is MFA_UNFIT, and the report is the caller's. */
static bool
take(const struct mfa *mfa, const char *digits, struct secret *code,
     enum mfa_result *result, struct report *report)
{
    *result = MFA_UNFIT;
    if (!mfa_code_claim(mfa->serial, digits))
        return false;
    *result = MFA_CODE;
    if (secret_set(code, digits, MFA_CODE_LENGTH) != 0) {
        *result = MFA_FAILED;
        report_set(report, "out of memory");
    }
    return true;
}

static enum mfa_result
get_given_code(const struct mfa *mfa, struct secret *code,
               struct report *report)
{
    char digits[MFA_CODE_SIZE] = "";
    enum mfa_result result = MFA_UNFIT;

    if (mfa_parse_code(mfa->source->given, digits) != 0)
        report_set(report, "the MFA code that was given is not six digits");
    else if (!take(mfa, digits, code, &result, report))
        report_set(report,
                   "the MFA code that was given has been used already, and "
                   "each works once: the next one comes in %u s",
                   mfa_code_seconds_left());
    explicit_bzero(digits, sizeof(digits));
    return result;
}

static bool
is_readable(int fd, int timeout_ms)
{
    struct pollfd watch = {.fd = fd, .events = POLLIN};

    return poll(&watch, 1, timeout_ms) > 0;
}

/*
 * Wait until mfa_process can have another code, by this machine's clock: that
 * is what it goes by. Returns false if watch_fd became readable first.
 */
static bool
wait_for_process(struct mfa *mfa, int watch_fd)
{
    time_t now = time(NULL), end = now - now % MFA_STEP_SECONDS;
    char text[96];

    mfa->wait = false;
    mfa->waited = true;
    end += MFA_STEP_SECONDS;
    snprintf(text, sizeof(text),
             "Waiting %lld s for the next code of mfa_process.",
             (long long)(end - now));
    say(mfa, text);
    for (; now < end; now = time(NULL))
        if (is_readable(watch_fd, (int)(end - now) * 1000))
            return false;
    return true;
}

/* Once, and once more when its code was used or refused. */
static enum mfa_result
get_process_code(struct mfa *mfa, int watch_fd, struct secret *code,
                 struct report *report)
{
    const struct mfa_source *source = mfa->source;
    char digits[MFA_CODE_SIZE] = "";
    enum mfa_result result;

    for (;;) {
        if (mfa->wait && !wait_for_process(mfa, watch_fd)) {
            result = MFA_WATCHED;
            break;
        }
        result = MFA_FAILED;
        if (mfa_process_run(source->process, source->process_place, digits,
                            report) != 0)
            break;
        if (is_readable(watch_fd, 0)) {
            result = MFA_WATCHED;
            break;
        }
        if (take(mfa, digits, code, &result, report))
            break;
        if (mfa->waited) {
            report_set(report,
                       "the mfa_process of %s gave a code that has been used, "
                       "and each works once: try again in %d s",
                       source->process_place, MFA_STEP_SECONDS);
            break;
        }
        mfa_tell(mfa, "The code of mfa_process has been used, and each works "
                      "once.");
    }
    explicit_bzero(digits, sizeof(digits));
    return result;
}

static enum mfa_result
get_typed_code(struct mfa *mfa, int watch_fd, struct secret *code,
               struct report *report)
{
    char line[MFA_LINE_SIZE] = "", digits[MFA_CODE_SIZE] = "";
    enum mfa_result result = MFA_FAILED;
    enum terminal_result read;

    if (mfa->terminal < 0)
        mfa->terminal = terminal_open();
    if (mfa->terminal < 0) {
        mfa_source_check(mfa->source, report);
        return MFA_FAILED;
    }
    while ((read = ask(mfa, line, watch_fd)) == TERMINAL_LINE) {
        if (mfa_parse_code(line, digits) != 0)
            terminal_write(mfa->terminal, "An MFA code is six digits.\n");
        else if (take(mfa, digits, code, &result, report))
            break;
        else
            mfa_tell(mfa, "This code has been used, and each works once.");
    }
    if (read == TERMINAL_WATCHED)
        result = MFA_WATCHED;
    else if (read != TERMINAL_LINE) {
        result = MFA_FAILED;
        report_set(report, "no MFA code was given");
    }
    if (read != TERMINAL_LINE && read != TERMINAL_SKIPPED)
        terminal_write(mfa->terminal, "\n");
    explicit_bzero(line, sizeof(line));
    explicit_bzero(digits, sizeof(digits));
    return result;
}

enum mfa_result
mfa_get_code(struct mfa *mfa, int watch_fd, struct secret *code,
             struct report *report)
{
    if (mfa->source->given != NULL)
        return get_given_code(mfa, code, report);
    if (mfa->source->process != NULL)
        return get_process_code(mfa, watch_fd, code, report);
    return get_typed_code(mfa, watch_fd, code, report);
}

void
mfa_end(struct mfa *mfa)
{
    if (mfa->terminal >= 0)
        close(mfa->terminal);
    mfa->terminal = -1;
}
