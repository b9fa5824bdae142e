/*
 * A virtual MFA device for the user whose key it is: made, shown, enabled.
 *
 * Part of aws-session. The way:
 *
 *     whose key is it, and which devices are there
 *     who signs (provision_signer.h)
 *     CreateVirtualMFADevice  from here to the end every way out but SIGKILL
 *     the QR code, two codes  deletes the device, or says how to
 *     EnableMFADevice
 *     the device is remembered for the key
 *
 * After SIGKILL the next run finds the device and offers to delete it. The
 * seed is in locked memory of this process, which no other program of the
 * user can read meanwhile, in aws-session-sts and aws-session-qr for a
 * message, and on the terminal; in no file, argument, variable or log.
 */
#ifndef AWS_SESSION_PROVISION_H
#define AWS_SESSION_PROVISION_H

#include "session.h"

/*
 * Make and enable a device for the key that the options select. name: of the
 * device, NULL for the user's name, and then the user must have none. as_text:
 * show the seed as text, too. Says on standard output which device it is.
 * Returns what the command ends with, and fills the report unless EXIT_DONE.
 */
enum exit_status provision_run(const struct session_options *options,
                               const char *name, bool as_text,
                               struct report *report);

#endif
