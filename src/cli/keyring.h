/*
 * Keys in the caller's keyrings: the few calls that we need.
 *
 * Part of aws-session. Source: keyrings(7), add_key(2), keyctl(2). Sessions
 * are in the user keyring, reached through KEY_SPEC_USER_KEYRING, so that
 * nothing depends on a session keyring, which may be revoked or missing
 * (sshd's PAM, cron, tmux); in that of the login only if the policy says so.
 */
#ifndef AWS_SESSION_KEYRING_H
#define AWS_SESSION_KEYRING_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>

enum keyring_result {
    KEYRING_OK,
    KEYRING_ABSENT,     /* no such key, or it expired or was revoked */
    KEYRING_FULL,       /* the user's key quota is used up */
    KEYRING_UNAVAILABLE /* no keyring here, or it refuses us */
};

/* Where a key is linked. */
enum keyring_place {
    KEYRING_USER,      /* all processes of the user */
    KEYRING_LOGIN,     /* the session keyring: this login only */
    KEYRING_PERSISTENT /* of the user too, longer; for stored parent keys */
};

/* The number of a keyring for keyctl(2), -1 if the kernel has it not. */
int keyring_special(enum keyring_place place);

/* Read a key. The report is filled for KEYRING_UNAVAILABLE. */
enum keyring_result keyring_read(enum keyring_place place,
                                 const char *description,
                                 struct secret *payload,
                                 struct report *report);

/* Read a key by its serial number. As keyring_read. */
enum keyring_result keyring_read_serial(int serial, struct secret *payload,
                                        struct report *report);

/*
 * Store a key that the kernel drops after timeout seconds (0: never), readable
 * by the user's processes only, or by those of the login; one of the same
 * description is replaced. The key gets its permissions and its timeout before
 * it can be found. The report is filled unless KEYRING_OK.
 */
enum keyring_result keyring_store(enum keyring_place place,
                                  const char *description, const void *payload,
                                  size_t length, unsigned timeout,
                                  struct report *report);

/* Remove a key if it is there. */
void keyring_remove(enum keyring_place place, const char *description);

/* End a key of ours, whoever has a link to it, and unlink it. */
void keyring_drop(enum keyring_place place, int serial);

/*
 * Whether this login has a session keyring of its own (pam_keyinit(8) makes
 * it). Without, the kernel makes one for a process that puts a key into it,
 * and no other process finds the key.
 */
bool keyring_has_login(void);

/* Whether the session keyring was revoked, as by pam_keyinit(8) at the logout
 * of a login that left processes behind. */
bool keyring_login_is_revoked(void);

/*
 * The serial number of a profile's stored parent key, which may be one that
 * we cannot read; 0 if there is none, 1 if there is one that we cannot even
 * see. Serial numbers are never used twice, so it stands for the key where
 * its contents cannot.
 */
int keyring_parent_serial(const char *profile);

/*
 * Whether a stored parent key of the profile belongs to somebody else than us:
 * then it is the service user's, or the signer will say whose.
 */
bool keyring_parent_is_protected(const char *profile);

#endif
