/*
 * Which MFA device: a part of step 4 of the way of a session.
 *
 * Part of aws-session. The serial number from the configuration is used
 * without asking AWS. Else it is found by GetCallerIdentity and
 * ListMFADevices, and remembered in the keyring for that access key.
 */
#ifndef AWS_SESSION_MFA_SERIAL_H
#define AWS_SESSION_MFA_SERIAL_H

#include "aws_call.h"
#include "exit_status.h"

enum { MFA_SERIAL_SIZE = 257 };

/*
 * Write the serial number to serial if it is configured, or remembered for
 * that key (key_id). Returns whether it is; "" if not.
 */
bool mfa_serial_known(const struct profile *profile, const char *key_id,
                      char serial[MFA_SERIAL_SIZE]);

/*
 * Write the serial number to serial, known or found. key_id names the parent
 * key, for what is remembered. Returns EXIT_DONE, or with the report filled
 * EXIT_NOBODY_ASKED for several devices and nobody to ask, EXIT_FAILED for no
 * device, not an IAM user, not allowed to look.
 */
enum exit_status
mfa_serial_find(struct aws *aws, const struct profile *profile,
                const struct aws_signer *signer, const char *key_id,
                char serial[MFA_SERIAL_SIZE], struct report *report);

/* Remember a serial number that was found for a key. */
void mfa_serial_remember(const char *key_id, const char *serial);

/* Forget the serial number of a key: AWS did not know it. */
void mfa_serial_forget(const char *key_id);

#endif
