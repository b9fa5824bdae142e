/*
 * Parent keys in the kernel keyring: see stored_key.h. Part of
 * aws-session-sign.
 *
 * A protected key grants its possessor nothing but view, so a search does not
 * find it: the keyrings are listed instead, and the owner's rights do the
 * rest. The caller can link anything into these keyrings under our name; only
 * the owner, which they cannot forge, says whose key it is.
 */
#include "stored_key.h"

#include "key_name.h"
#include "operation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX = KEY_ID_MAX + 1 + SIGV4_SECRET_MAX + 1 };

/* A key of the right type and description, and who owns it. */
struct candidate {
    key_serial_t serial; /* 0: none */
    uid_t owner;
    enum protection protection; /* 0: a third owner */
};

int
signing_key_check(const struct signing_key *key, struct report *report)
{
    size_t id_length = strlen(key->id);
    const struct secret *secret = &key->secret;

    if (id_length < KEY_ID_MIN || !characters_only(key->id, id_length, WORD))
        return report_set(report,
                          "the access key id is not %d to %d letters "
                          "and digits",
                          KEY_ID_MIN, KEY_ID_MAX);
    if (secret->length < 1 || secret->length > SIGV4_SECRET_MAX)
        return report_set(report,
                          "the secret access key is not 1 to %d bytes "
                          "long",
                          SIGV4_SECRET_MAX);
    for (size_t i = 0; i < secret->length; i++)
        if ((unsigned char)secret->data[i] < ' ' || secret->data[i] == 0x7F)
            return report_set(report, "the secret access key holds a control "
                                      "character");
    return 0;
}

static enum protection
owner_protection(uid_t owner, const struct privilege *privilege)
{
    if (owner == privilege->self && owner != privilege->caller)
        return PROTECTION_SERVICE;
    return owner == privilege->caller ? PROTECTION_USER : 0;
}

/* Take the key if it is ours by name and better than what was found. */
static void
consider(struct candidate *best, key_serial_t serial, const char *name,
         const struct privilege *privilege)
{
    char text[KEY_NAME_SIZE + 64]; /* TYPE;UID;GID;PERM;DESCRIPTION */
    int owner, name_at = 0;
    long length = keyctl_describe(serial, text, sizeof(text));
    enum protection protection;

    if (length < 0 || (size_t)length > sizeof(text) ||
        sscanf(text, "user;%d;%*d;%*x;%n", &owner, &name_at) != 1 ||
        name_at == 0 || strcmp(text + name_at, name) != 0)
        return;
    protection = owner_protection((uid_t)owner, privilege);
    if (best->serial == 0 || protection > best->protection)
        *best = (struct candidate){serial, (uid_t)owner, protection};
}

static void
search_keyring(struct candidate *best, key_serial_t keyring, const char *name,
               const struct privilege *privilege)
{
    void *content = NULL;
    int length;

    if (keyring == -1)
        return;
    length = keyctl_read_alloc(keyring, &content);
    if (length < 0)
        return;
    for (size_t i = 0; i < (size_t)length / sizeof(key_serial_t); i++) {
        key_serial_t serial;

        memcpy(&serial, (char *)content + i * sizeof(serial), sizeof(serial));
        consider(best, serial, name, privilege);
    }
    free(content);
}

/* Read and split a payload, "KEYID\nSECRET". Returns 0, or an enum refusal. */
static int
read_payload(struct signing_key *key, key_serial_t serial, const char *profile,
             struct report *report)
{
    struct secret payload = {0};
    size_t id_length, secret_length;
    int secret_at, refusal = REFUSAL_INTERNAL;
    long length;

    if (secret_reserve(&payload, PAYLOAD_MAX) != 0) {
        report_set(report, "out of memory");
        goto done;
    }
    length = keyctl_read(serial, payload.data, PAYLOAD_MAX);
    refusal = REFUSAL_NO_KEY; /* expired or removed in between */
    if (length < 0) {
        report_set(report, "the stored key of profile %.100s: %s", profile,
                   strerror(errno));
        goto done;
    }
    refusal = REFUSAL_BAD_KEY;
    secret_at = length > PAYLOAD_MAX /* then nothing was read */
                    ? -1
                    : key_payload_split(payload.data, (size_t)length,
                                        &id_length, &secret_length);
    if (secret_at < 0 || id_length > KEY_ID_MAX ||
        memchr(payload.data, '\0', id_length) != NULL) {
        report_set(report,
                   "the stored key of profile %.100s is malformed: "
                   "store it anew",
                   profile);
        goto done;
    }
    memcpy(key->id, payload.data, id_length);
    key->id[id_length] = '\0';
    if (secret_set(&key->secret, payload.data + secret_at, secret_length) == 0)
        refusal = signing_key_check(key, report) == 0 ? 0 : REFUSAL_BAD_KEY;
    else
        report_set(report, "out of memory");
done:
    secret_free(&payload);
    return refusal;
}

int
stored_key_read(struct signing_key *key, const char *profile,
                const struct privilege *privilege, struct report *report)
{
    char name[KEY_NAME_SIZE];
    struct candidate best = {0};

    if (*profile == '\0' ||
        key_name_build(name, "parent", profile, NULL) != 0) {
        report_set(report, "the profile's name is empty or too long");
        return REFUSAL_BAD_FIELD;
    }
    for (int i = 0; i < KEYRING_COUNT; i++)
        search_keyring(&best, privilege->keyrings[i], name, privilege);
    if (best.serial == 0) {
        report_set(report, "no stored key of profile %.100s%s%s", profile,
                   privilege->keyring_error != 0 ? ": user keyring: " : "",
                   privilege->keyring_error != 0
                       ? strerror(privilege->keyring_error)
                       : "");
        return REFUSAL_NO_KEY;
    }
    if (best.protection == 0) {
        report_set(report,
                   "the stored key of profile %.100s belongs to user "
                   "id %u, and the signer runs as %u",
                   profile, best.owner, privilege->self);
        return REFUSAL_BAD_KEY;
    }
    key->protection = best.protection;
    return read_payload(key, best.serial, profile, report);
}

void
signing_key_free(struct signing_key *key)
{
    secret_free(&key->secret);
    explicit_bzero(key, sizeof(*key));
}
