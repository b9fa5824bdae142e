/*
 * Getting a long-lived access key from a person or a program.
 *
 * Part of aws-session. The secret is in wiped memory from its first byte on,
 * and in no report.
 */
#ifndef AWS_SESSION_KEY_INPUT_H
#define AWS_SESSION_KEY_INPUT_H

#include "exit_status.h"
#include "report.h"
#include "secret.h"

/* All zero is none. The id too: what is typed there may be a secret. */
struct key_input {
    struct secret access_key_id;
    struct secret secret_access_key;
};

/*
 * Each returns 0 with a key of the right shape (key_shape.h), or -1 with the
 * report filled. Freed by key_input_free in either case.
 */

/* Ask on the controlling terminal; the secret is not shown. Returns EXIT_DONE,
 * EXIT_FAILED, or EXIT_NOBODY_ASKED. */
enum exit_status key_input_ask(struct key_input *key, const char *profile,
                               struct report *report);

/* Ask for the secret only, on this terminal. */
int key_input_ask_secret(struct key_input *key, int terminal,
                         struct report *report);

/*
 * Read two lines of standard input, ended by LF or CRLF, and nothing behind
 * them. The second may end with the file.
 */
int key_input_read(struct key_input *key, struct report *report);

/* Take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; wipes the latter. */
int key_input_take_variables(struct key_input *key, struct report *report);

/* Wipe and free. */
void key_input_free(struct key_input *key);

#endif
