/*
 * The dialog about a new MFA device: see provision_dialog.h. Part of
 * aws-session.
 */
#include "provision_dialog.h"

#include "mfa.h"
#include "mfa_seed.h"
#include "qr_drawing.h"
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

struct size {
    unsigned columns, rows;
};

/* Of what speaks for itself (a serial line): what all have had since 1978. */
static struct size
terminal_size(int terminal)
{
    struct winsize size = {0};

    if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
        size.ws_row == 0)
        return (struct size){80, 24};
    return (struct size){size.ws_col, size.ws_row};
}

static enum qr_form
choose_form(void)
{
    (void)setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? QR_HALF_BLOCKS
                                                      : QR_BACKGROUNDS;
}

/* Draw the QR code if it fits above the line of a question. Returns 0, or -1
 * with the report filled: it does not fit, or there is none. */
static int
draw(struct secret *screen, const struct secret *uri, int terminal,
     struct report *report)
{
    enum qr_form form = choose_form();
    struct size has = terminal_size(terminal), needs;
    struct qr_symbol symbol = {0};
    int result;

    result = qr_symbol_make(&symbol, uri, report);
    if (result == 0) {
        qr_drawing_size(symbol.width, form, &needs.columns, &needs.rows);
        needs.rows++;
        if (needs.columns > has.columns || needs.rows > has.rows)
            result = report_set(report,
                                "The QR code needs a terminal of %u columns "
                                "and %u lines, and this one has %u and %u",
                                needs.columns, needs.rows, has.columns,
                                has.rows);
        else if (qr_drawing_append(screen, &symbol, form) != 0)
            result = report_set(report, "out of memory");
    }
    qr_symbol_free(&symbol);
    return result;
}

/* The form of the console if there is room for it, else the shorter one. */
static int
draw_either(const struct provision_dialog *dialog, struct secret *screen,
            const struct secret *seed, struct report *report)
{
    const char *term = getenv("TERM");
    int result = -1;

    if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0)
        return report_set(report, "TERM says that this terminal has no "
                                  "colours, which a QR code needs");
    for (int kind = MFA_URI_FULL; kind <= MFA_URI_SHORT && result != 0;
         kind++) {
        struct secret uri = {0};

        if (mfa_seed_append_uri(&uri, seed, dialog->device, dialog->account,
                                (enum mfa_uri)kind) != 0)
            result = report_set(report, "out of memory");
        else
            result = draw(screen, &uri, dialog->terminal, report);
        secret_free(&uri);
    }
    return result;
}

static int
append_text(const struct provision_dialog *dialog, struct secret *screen,
            const struct secret *seed)
{
    if (secret_append_string(screen, "Secret: ") != 0 ||
        mfa_seed_append_groups(screen, seed) != 0 ||
        secret_append_string(screen, "\nURI: ") != 0 ||
        mfa_seed_append_uri(screen, seed, dialog->device, dialog->account,
                            MFA_URI_FULL) != 0)
        return -1;
    return secret_append_string(screen, "\n");
}

int
provision_dialog_show(const struct provision_dialog *dialog,
                      const struct secret *seed, struct report *report)
{
    struct secret screen = {0}, drawing = {0};
    struct report cause;
    bool is_drawn = draw_either(dialog, &drawing, seed, &cause) == 0;
    int result = 0;

    /* The drawing last: there must be room for it, and no more. */
    if (!is_drawn &&
        (secret_append_string(&screen, cause.text) != 0 ||
         secret_append_string(&screen, ": type the secret into your "
                                       "authenticator app instead.\n") != 0))
        result = -1;
    if ((!is_drawn || dialog->as_text) &&
        append_text(dialog, &screen, seed) != 0)
        result = -1;
    if (is_drawn &&
        (secret_append_string(&screen, "Scan this with an authenticator "
                                       "app:\n") != 0 ||
         secret_append(&screen, drawing.data, drawing.length) != 0))
        result = -1;
    if (result == 0)
        terminal_write(dialog->terminal, screen.data);
    else
        report_set(report, "out of memory");
    secret_free(&screen);
    secret_free(&drawing);
    return result;
}

/* One code. Returns 0, or -1 with the report filled. */
static int
ask_code(const struct provision_dialog *dialog, const char *question,
         bool wait, const struct secret *other, struct secret *code,
         struct report *report)
{
    char line[MFA_LINE_SIZE] = "", digits[MFA_CODE_SIZE] = "";
    enum terminal_result read;
    int result = -1;

    for (;;) {
        if (!wait) {
            terminal_write(dialog->terminal, question);
            terminal_write(dialog->terminal, ": ");
        }
        read = wait ? mfa_ask_counting(dialog->terminal, question, line,
                                       dialog->watch_fd)
                    : terminal_read_line(dialog->terminal, line, sizeof(line),
                                         -1, dialog->watch_fd);
        if (read != TERMINAL_LINE) {
            terminal_write(dialog->terminal, "\n");
            report_set(report, read == TERMINAL_WATCHED
                                   ? "interrupted"
                                   : "no MFA code was given");
            break;
        }
        if (mfa_parse_code(line, digits) != 0)
            terminal_write(dialog->terminal, "An MFA code is six digits.\n");
        else if (other != NULL && strcmp(digits, other->data) == 0)
            terminal_write(dialog->terminal,
                           "This is the first code again: wait until your app "
                           "shows the next one.\n");
        else {
            result = secret_set(code, digits, strlen(digits)) == 0
                         ? 0
                         : report_set(report, "out of memory");
            break;
        }
    }
    explicit_bzero(line, sizeof(line));
    explicit_bzero(digits, sizeof(digits));
    return result;
}

int
provision_dialog_ask(const struct provision_dialog *dialog, bool again,
                     struct secret *first, struct secret *second,
                     struct report *report)
{
    if (ask_code(dialog, "First code of the new device", again, NULL, first,
                 report) != 0)
        return -1;
    return ask_code(dialog, "Second code", true, first, second, report);
}
