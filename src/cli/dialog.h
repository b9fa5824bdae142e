/*
 * Questions to the person that need more than a line: a secret, yes or no.
 *
 * Part of aws-session. On the controlling terminal, see terminal.h. Its echo
 * is off while a secret is typed, and on again however that ends.
 */
#ifndef AWS_SESSION_DIALOG_H
#define AWS_SESSION_DIALOG_H

#include "secret.h"
#include "terminal.h"

enum dialog_answer {
    DIALOG_YES,
    DIALOG_NO, /* also an empty line and the end of the file */
    DIALOG_NO_TERMINAL
};

/* Ask a question, to which " [y/N] " is added. */
enum dialog_answer dialog_confirm(const char *question);

/*
 * Ask for a line that is not shown, and put it into secret, cut behind most
 * bytes; what was typed before the prompt is thrown away. A signal that ends
 * or stops us while the echo is off gets its way after the terminal has its
 * modes back; when we go on, the question is put again. Returns
 * TERMINAL_LINE, or TERMINAL_END also if the echo cannot be switched off.
 */
enum terminal_result dialog_read_secret(int terminal, const char *prompt,
                                        struct secret *secret, size_t most);

#endif
