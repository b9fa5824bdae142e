/*
 * The seed of a virtual MFA device: from what AWS sends to what an
 * authenticator app takes.
 *
 * Part of aws-session. Pure. Sources: IAM API reference, VirtualMFADevice;
 * RFC 4648; "Key Uri Format" of Google Authenticator.
 */
#ifndef AWS_SESSION_MFA_SEED_H
#define AWS_SESSION_MFA_SEED_H

#include "report.h"
#include "secret.h"

/* Both name the device and the account in the app. */
enum mfa_uri {
    MFA_URI_FULL, /* with the issuer, as in the console of AWS */
    MFA_URI_SHORT /* without, as the IAM API says: a smaller QR code */
};

/*
 * Decode the Base32StringSeed of CreateVirtualMFADevice, which is base64 of
 * the base32 text; seed becomes that text. Returns 0, or -1 with a report that
 * repeats nothing of it.
 */
int mfa_seed_decode(struct secret *seed, const struct secret *sent,
                    struct report *report);

/* Append the otpauth URI to uri. Returns 0, or -1 without memory. */
int mfa_seed_append_uri(struct secret *uri, const struct secret *seed,
                        const char *device, const char *account,
                        enum mfa_uri kind);

/* Append the seed in groups of four, for typing. Returns 0, or -1 without
 * memory. */
int mfa_seed_append_groups(struct secret *text, const struct secret *seed);

#endif
