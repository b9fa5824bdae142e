/*
 * Descriptions of our keys in the kernel keyring.
 *
 * Part of libcommon: the command line and the signer must agree on them.
 *
 *     aws-session:parent:PROFILE          a long-lived access key
 *     aws-session:session:PROFILE:ID      a session (credential_process JSON)
 *     aws-session:note:NAME:ID            something remembered, no secret
 *
 * Bytes of PROFILE other than printable ASCII, and '%' and ':', stand as %XX.
 */
#ifndef AWS_SESSION_KEY_NAME_H
#define AWS_SESSION_KEY_NAME_H

#include <stddef.h>

enum { KEY_NAME_SIZE = 4096 };

/*
 * Write "aws-session:KIND:NAME[:ID]" (id may be NULL) into buffer. Returns 0,
 * or -1 if it does not fit into KEY_NAME_SIZE, the kernel's own limit.
 */
int key_name_build(char buffer[KEY_NAME_SIZE], const char *kind,
                   const char *name, const char *id);

/*
 * A parent key's payload in the keyring: "KEYID\nSECRET". Splits it in place:
 * returns the secret's offset and sets *id_length, or returns -1 if it is not
 * of that form. One final newline after the secret is allowed and not
 * counted in *secret_length.
 */
int key_payload_split(const char *payload, size_t length, size_t *id_length,
                      size_t *secret_length);

#endif
