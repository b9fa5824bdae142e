/*
 * An MFA code: its shape, and that each is used once.
 *
 * Part of aws-session. AWS accepts a code once per device (IAM User Guide,
 * "MFA device codes"; 30-second steps of RFC 6238), so a code that may have
 * been sent is noted in the keyring, for every process of the user.
 */
#ifndef AWS_SESSION_MFA_CODE_H
#define AWS_SESSION_MFA_CODE_H

#include <stdbool.h>

enum {
    MFA_CODE_LENGTH = 6,
    MFA_CODE_SIZE = MFA_CODE_LENGTH + 1,
    MFA_STEP_SECONDS = 30
};

/*
 * Copy the digits of text, a line, leaving blanks out. Returns 0 if they are a
 * code, else -1; code may hold some of it then.
 */
int mfa_parse_code(const char *text, char code[MFA_CODE_SIZE]);

/*
 * Note a code of the device as used, in one step with looking whether it was:
 * two processes that got the same one must not both send it. Returns whether
 * it was not.
 */
bool mfa_code_claim(const char *serial, const char *code);

/* The code was not sent: it is still good. */
void mfa_code_give_back(const char *serial, const char *code);

/* Seconds until the device shows another code, 1 to 30, by AWS's clock. */
unsigned mfa_code_seconds_left(void);

#endif
