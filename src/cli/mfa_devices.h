/*
 * The MFA devices of the user who signs, as IAM lists them.
 *
 * Part of aws-session. One operation, ListMFADevices, page by page.
 */
#ifndef AWS_SESSION_MFA_DEVICES_H
#define AWS_SESSION_MFA_DEVICES_H

#include "mfa_serial.h"

/* AWS allows eight devices per user. */
enum { MFA_DEVICES_MAX = 16 };

struct mfa_devices {
    char serials[MFA_DEVICES_MAX][MFA_SERIAL_SIZE]; /* that give codes */
    size_t count;
    size_t security_keys; /* FIDO, which give no codes */
};

/*
 * List them. Returns 0, or -1 with the error and the report filled; the error
 * is all zero if the list has no end.
 */
int mfa_devices_list(struct aws *aws, const struct endpoint *iam,
                     const struct aws_signer *signer,
                     struct mfa_devices *devices, struct aws_error *error,
                     struct report *report);

#endif
