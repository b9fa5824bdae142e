/*
 * The IAM user whose key signs, and the user's MFA devices: found, listed,
 * made, enabled, deleted.
 *
 * Part of aws-session. Calls of STS and IAM only, no keyring and nobody is
 * asked. Source: IAM API reference, 2010-05-08.
 */
#ifndef AWS_SESSION_MFA_DEVICE_H
#define AWS_SESSION_MFA_DEVICE_H

#include "mfa_serial.h"

/* AWS allows eight devices per user; others may have more. */
enum { MFA_DEVICES_MAX = 16, MFA_DEVICE_NAME_MAX = 128 };

/* Who asks. Nothing is owned. */
struct mfa_caller {
    struct aws *aws;
    const struct profile *profile; /* whose endpoints they are */
    struct aws_signer signer;
};

/* An IAM user. */
struct mfa_identity {
    char arn[2049];
    char account[257];
    const char *user; /* name of the user, points into arn */
};

/* The devices of a user that give six-digit codes. */
struct mfa_devices {
    char serials[MFA_DEVICES_MAX][MFA_SERIAL_SIZE];
    size_t count;
    size_t keys_count; /* FIDO security keys, which give no codes */
};

/* Whose key it is. Returns 0, or -1 with the report filled: also for a role
 * or the root user, with what to do. */
int mfa_identity_find(const struct mfa_caller *caller,
                      struct mfa_identity *identity, struct report *report);

/* List the caller's devices. Returns 0, or -1 with error and report filled. */
int mfa_device_list(const struct mfa_caller *caller,
                    struct mfa_devices *devices, struct aws_error *error,
                    struct report *report);

/*
 * Make a virtual device of that name, not enabled. Returns 0 with its serial
 * number (an ARN) and seed (as AWS sends it: see mfa_seed.h), or -1 with error
 * and report filled.
 */
int mfa_device_create(const struct mfa_caller *caller, const char *name,
                      char serial[MFA_SERIAL_SIZE], struct secret *seed,
                      struct aws_error *error, struct report *report);

/*
 * Give the device to the user, by two codes that it shows one after the other.
 * Done before is as good as done. Returns 0, or -1 with error and report
 * filled.
 */
int mfa_device_enable(const struct mfa_caller *caller, const char *user,
                      const char *serial, const struct secret *first_code,
                      const struct secret *second_code,
                      struct aws_error *error, struct report *report);

/*
 * Delete a virtual device, which AWS does only as long as it is not enabled
 * (mfa_error_is_in_use else). Gone is as good as deleted. Returns 0, or -1
 * with error and report filled.
 */
int mfa_device_delete(const struct mfa_caller *caller, const char *serial,
                      struct aws_error *error, struct report *report);

/* Whether there is a device of that name; whether the two codes were not good;
 * whether a device is enabled, and so not to be deleted. */
bool mfa_error_is_name_taken(const struct aws_error *error);
bool mfa_error_is_wrong_codes(const struct aws_error *error);
bool mfa_error_is_in_use(const struct aws_error *error);

#endif
