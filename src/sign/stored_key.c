/*
 * Parent keys in the kernel keyring: see stored_key.h. Part of
 * aws-session-sign.
 *
 * A protected key grants its possessor no search: the keyrings are listed
 * instead, and the owner's rights do the rest. The caller can link anything
 * into these keyrings under our name; only the owner, which they cannot forge,
 * says whose key it is.
 */
#include "stored_key.h"

#include "operation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_MAX = KEY_ID_MAX + 1 + SIGV4_SECRET_MAX + 1 };
/* TYPE;UID;GID;PERM;DESCRIPTION */
enum { DESCRIPTION_SIZE = KEY_NAME_SIZE + 64 };

static int
check_shape(const struct signing_key *key, struct report *report)
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

int
signing_key_given(struct signing_key *key, const struct message *message,
                  struct report *report)
{
    if (message_text(message, FIELD_ACCESS_KEY_ID, key->id, sizeof(key->id)) <
            0 ||
        message_secret(message, FIELD_SECRET_ACCESS_KEY, &key->secret) != 0) {
        report_set(report, "out of memory");
        return REFUSAL_INTERNAL;
    }
    return check_shape(key, report) == 0 ? 0 : REFUSAL_BAD_FIELD;
}

static enum protection
owner_protection(uid_t owner, const struct privilege *privilege)
{
    if (owner == privilege->self && owner != privilege->caller)
        return PROTECTION_SERVICE;
    return owner == privilege->caller ? PROTECTION_USER : 0;
}

/*
 * Look at one key: whose it is, and what it takes of its owner's quota, as the
 * kernel counts. Returns where its name stands in text, 0 if it is none that
 * could be a parent key.
 */
static int
look_at(struct stored_key *key, char text[DESCRIPTION_SIZE],
        key_serial_t serial, const struct privilege *privilege)
{
    long length = keyctl_describe(serial, text, DESCRIPTION_SIZE);
    long payload = 0;
    int owner, name_at = 0;

    if (length < 0 || length > DESCRIPTION_SIZE ||
        sscanf(text, "user;%d;%*d;%*x;%n", &owner, &name_at) != 1 ||
        name_at == 0)
        return 0;
    *key = (struct stored_key){
        .serial = serial,
        .owner = (uid_t)owner,
        .protection = owner_protection((uid_t)owner, privilege),
    };
    if (key->protection == PROTECTION_SERVICE)
        payload = keyctl_read(serial, NULL, 0);
    key->size = strlen(text + name_at) + 1 +
                (payload > 0 ? (size_t)payload : 0);
    return name_at;
}

/* What a keyring holds. All zero is nothing. */
struct content {
    key_serial_t *keys;
    size_t count;
};

static struct content
read_keyring(key_serial_t ring)
{
    struct content content = {0};
    void *bytes = NULL;
    int length = ring == -1 ? -1 : keyctl_read_alloc(ring, &bytes);

    if (length >= 0) {
        content.keys = bytes;
        content.count = (size_t)length / sizeof(*content.keys);
    }
    return content;
}

static bool
has_key(const struct content *content, key_serial_t serial)
{
    for (size_t i = 0; i < content->count; i++)
        if (content->keys[i] == serial)
            return true;
    return false;
}

/* Find the key of that name, and count the protected ones that are not in the
 * other keyring. */
static void
search_keyring(struct stored_keys *keys, int ring, const char *name,
               const struct content *content, const struct content *other,
               const struct privilege *privilege)
{
    struct stored_key *found = &keys->in[ring], key;
    char text[DESCRIPTION_SIZE];

    for (size_t i = 0; i < content->count; i++) {
        int name_at = look_at(&key, text, content->keys[i], privilege);

        if (name_at == 0)
            continue;
        if (key.protection == PROTECTION_SERVICE &&
            !has_key(other, key.serial)) {
            keys->kept++;
            keys->kept_size += key.size;
        }
        if (strcmp(text + name_at, name) == 0)
            *found = key;
    }
    if (found->serial != 0 &&
        (keys->best.serial == 0 || found->protection > keys->best.protection))
        keys->best = *found;
}

void
stored_keys_sweep(const struct privilege *privilege)
{
    for (int i = 0; i < KEYRING_COUNT; i++) {
        key_serial_t ring = privilege->keyrings[i];
        struct content content = read_keyring(ring);

        for (size_t j = 0; j < content.count; j++)
            if (keyctl_describe(content.keys[j], NULL, 0) < 0 &&
                errno == EKEYEXPIRED)
                (void)keyctl_unlink(content.keys[j], ring);
        free(content.keys);
    }
}

int
stored_key_find(struct stored_keys *keys, char name[KEY_NAME_SIZE],
                const char *profile, const struct privilege *privilege,
                struct report *report)
{
    const struct content nothing = {0};
    struct content content[KEYRING_COUNT];
    int error = privilege->keyring_error;

    memset(keys, 0, sizeof(*keys));
    if (*profile == '\0' ||
        key_name_build(name, "parent", profile, NULL) != 0) {
        report_set(report, "the profile's name is empty or too long");
        return REFUSAL_BAD_FIELD;
    }
    for (int i = 0; i < KEYRING_COUNT; i++)
        content[i] = read_keyring(privilege->keyrings[i]);
    for (int i = 0; i < KEYRING_COUNT; i++)
        search_keyring(keys, i, name, &content[i],
                       i == 0 ? &nothing : &content[0], privilege);
    for (int i = 0; i < KEYRING_COUNT; i++)
        free(content[i].keys);
    if (keys->best.serial != 0)
        return 0;
    report_set(report, "no stored key of profile %.100s%s%s", profile,
               error != 0 ? ": user keyring: " : "",
               error != 0 ? strerror(error) : "");
    return REFUSAL_NO_KEY;
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
        refusal = check_shape(key, report) == 0 ? 0 : REFUSAL_BAD_KEY;
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
    struct stored_keys keys;
    int refusal = stored_key_find(&keys, name, profile, privilege, report);

    if (refusal != 0)
        return refusal;
    key->protection = keys.best.protection;
    if (keys.best.protection != 0)
        return read_payload(key, keys.best.serial, profile, report);
    if (privilege->self == privilege->caller)
        report_set(report,
                   "the key of profile %.100s was stored by the setuid signer "
                   "(user id %u), and this one is not setuid",
                   profile, keys.best.owner);
    else
        report_set(report,
                   "the stored key of profile %.100s belongs to user id %u, "
                   "and the signer runs as %u",
                   profile, keys.best.owner, privilege->self);
    return REFUSAL_BAD_KEY;
}

void
signing_key_free(struct signing_key *key)
{
    secret_free(&key->secret);
    explicit_bzero(key, sizeof(*key));
}
