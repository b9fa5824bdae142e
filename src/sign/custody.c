/*
 * Storing and removing parent keys: see custody.h. Part of aws-session-sign.
 *
 * All ids are the service user's here, so that is whose keys are made; the
 * caller's keyrings are possessed through the process keyring (privilege.c).
 */
#include "custody.h"

#include "stored_key.h"

#include <errno.h>
#include <string.h>

enum { PROFILE_SIZE = 2048 };
/* Well below the kernel's own quota of 200 keys and 20,000 bytes, which all
 * callers share: it is the service user's. */
enum { KEYS_PER_CALLER = 64, BYTES_PER_CALLER = 8192 };
enum { LIFETIME_MAX = 36 * 60 * 60 /* of the longest session */ };

/*
 * The owner reads, links and invalidates, and not even they change the key.
 * The group of the caller sees that it is there, and nobody else anything.
 * The possessor must not have search: with it a possessor can read. Without
 * search the kernel counts nobody as possessor, so that no bit of theirs would
 * mean anything: it is by the group's that the command line finds the name.
 */
#define PERMISSIONS                                                           \
    (KEY_USR_VIEW | KEY_USR_READ | KEY_USR_SEARCH | KEY_USR_LINK |            \
     KEY_GRP_VIEW)

static int
refuse_quota(uid_t uid, struct report *report)
{
    report_set(report,
               "the key quota of user id %u is used up: the administrator "
               "raises it by the sysctls kernel.keys.maxkeys and "
               "kernel.keys.maxbytes",
               uid);
    return REFUSAL_FULL;
}

/*
 * Make a key in the thread keyring and lock it. That keyring is made by this
 * call and is the service user's, as the process keyring is not, so that the
 * quota is theirs. Returns as custody_store.
 */
static int
make_key(key_serial_t *serial, const char *name, const struct signing_key *key,
         unsigned lifetime, const struct privilege *privilege,
         struct report *report)
{
    struct secret payload = {0};
    int refusal = 0;

    *serial = -1;
    if (secret_append_string(&payload, key->id) == 0 &&
        secret_append_string(&payload, "\n") == 0 &&
        secret_append(&payload, key->secret.data, key->secret.length) == 0)
        *serial = add_key("user", name, payload.data, payload.length,
                          KEY_SPEC_THREAD_KEYRING);
    if (*serial == -1 && errno == EDQUOT)
        refusal = refuse_quota(privilege->self, report);
    else if (*serial == -1 ||
             (lifetime > 0 && keyctl_set_timeout(*serial, lifetime) != 0) ||
             keyctl_setperm(*serial, PERMISSIONS) != 0) {
        report_set(report, "the kernel does not keep the key: %s",
                   strerror(errno));
        refusal = REFUSAL_INTERNAL;
    }
    secret_free(&payload);
    return refusal;
}

/* A key that is ours ends, whoever else may have a link to it. */
static void
retire(const struct stored_keys *keys, const struct privilege *privilege)
{
    for (int i = 0; i < KEYRING_COUNT; i++)
        if (keys->in[i].serial != 0 && keys->in[i].owner == privilege->self)
            (void)keyctl_invalidate(keys->in[i].serial);
}

static int
refuse_link(int error, const struct privilege *privilege,
            struct report *report)
{
    if (error == EDQUOT)
        return refuse_quota(privilege->caller, report);
    report_set(report, "the key cannot be linked in the user keyring: %s",
               strerror(error));
    return REFUSAL_INTERNAL;
}

/*
 * Link a key where the caller sees it: the kernel puts it in the place of one
 * of the same name. The old ones are not to be unlinked afterwards, since the
 * kernel unlinks by name.
 */
static int
link_key(key_serial_t serial, const struct stored_keys *old,
         const struct privilege *privilege, struct report *report)
{
    if (keyctl_link(serial, privilege->keyrings[0]) != 0)
        return refuse_link(errno, privilege, report);
    if (privilege->keyrings[1] != -1 &&
        keyctl_link(serial, privilege->keyrings[1]) != 0 &&
        old->in[1].serial != 0)
        (void)keyctl_unlink(old->in[1].serial, privilege->keyrings[1]);
    retire(old, privilege);
    return 0;
}

/* Whether the caller may keep a key of that size. Returns as check_place. */
static int
check_share(const struct stored_keys *keys, size_t size, struct report *report)
{
    bool is_replaced = keys->best.protection == PROTECTION_SERVICE;
    size_t others = keys->kept_size - (is_replaced ? keys->best.size : 0);

    if (!is_replaced && keys->kept >= KEYS_PER_CALLER)
        report_set(report, "%u keys are stored, and more are not kept",
                   keys->kept);
    else if (others + size > BYTES_PER_CALLER)
        report_set(report,
                   "the keys of a user and the names of their profiles take "
                   "%d bytes at most, and with this one it would be %zu",
                   BYTES_PER_CALLER, others + size);
    else
        return 0;
    return REFUSAL_FULL;
}

/*
 * Signers that work at the same time may each have seen room for a key. Each
 * counts again with its own in place, so that what is too much goes; if need
 * be all of it. Returns as check_place.
 */
static int
check_crowd(const char *profile, const struct privilege *privilege,
            struct report *report)
{
    char name[KEY_NAME_SIZE];
    struct stored_keys now;

    if (stored_key_find(&now, name, profile, privilege, report) != 0 ||
        (now.kept <= KEYS_PER_CALLER && now.kept_size <= BYTES_PER_CALLER))
        return 0;
    retire(&now, privilege);
    report_set(report,
               "too many keys were stored at the same time: the one "
               "of profile %.100s is not kept",
               profile);
    return REFUSAL_FULL;
}

/* Whether a new key may come. Returns 0, or an enum refusal. */
static int
check_place(const struct stored_keys *keys, size_t size, bool replace,
            const struct privilege *privilege, const char *profile,
            struct report *report)
{
    const struct stored_key *best = &keys->best;

    /* To the kernel -1 would be a keyring, too: the thread's. */
    if (privilege->keyrings[0] == -1)
        return refuse_link(privilege->keyring_error, privilege, report);
    if (best->serial != 0 && !replace) {
        if (best->owner == privilege->self)
            report_set(report, "a key of profile %.100s is stored already",
                       profile);
        else
            report_set(report,
                       "profile %.100s has a key that belongs to user id %u, "
                       "not to the signer (%u)",
                       profile, best->owner, privilege->self);
        return REFUSAL_EXISTS;
    }
    return check_share(keys, size, report);
}

static void
answer_done(struct message *reply, const char *key_id,
            enum protection protection, const struct stored_key *other,
            const struct privilege *privilege)
{
    struct report text;

    message_begin(reply, MESSAGE_KEY_DONE);
    message_put_text(reply, FIELD_ACCESS_KEY_ID, key_id);
    message_put_number(reply, FIELD_PROTECTION, protection);
    if (other->serial == 0 || other->owner == privilege->self)
        return;
    report_set(&text,
               "the former key belonged to user id %u, not to the "
               "signer (%u)%s",
               other->owner, privilege->self,
               privilege->self != privilege->caller ? ": it was not protected"
                                                    : "");
    message_put_text(reply, FIELD_TEXT, text.text);
}

/* The caller may ask for less than the policy gives, never for more. Returns
 * 0, or an enum refusal. */
static int
read_lifetime(unsigned *lifetime, const struct message *message,
              const struct policy *policy, struct report *report)
{
    int64_t most = policy->parent_key_lifetime; /* 0: until reboot */
    int64_t given = message_number(message, FIELD_LIFETIME, LIFETIME_MAX);
    size_t length;

    *lifetime = policy->parent_key_lifetime;
    if (message_bytes(message, FIELD_LIFETIME, &length) == NULL)
        return 0;
    if (given < 1 || given > LIFETIME_MAX) {
        report_set(report, "the lifetime is not 1 to %d seconds",
                   LIFETIME_MAX);
        return REFUSAL_BAD_FIELD;
    }
    if (most == 0 || given < most)
        *lifetime = (unsigned)given;
    return 0;
}

int
custody_store(struct message *reply, const struct message *message,
              const struct privilege *privilege, const struct policy *policy,
              struct report *report)
{
    char profile[PROFILE_SIZE] = "", name[KEY_NAME_SIZE];
    bool replace = message_number(message, FIELD_REPLACE, 0) == 1;
    struct signing_key key = {0};
    struct stored_keys old;
    key_serial_t serial;
    unsigned lifetime;
    int refusal;

    (void)message_text(message, FIELD_PROFILE, profile, sizeof(profile));
    stored_keys_sweep(privilege);
    refusal = stored_key_find(&old, name, profile, privilege, report);
    if (refusal != 0 && refusal != REFUSAL_NO_KEY)
        return refusal;
    refusal = read_lifetime(&lifetime, message, policy, report);
    if (refusal == 0)
        refusal = signing_key_given(&key, message, report);
    if (refusal == 0)
        refusal = check_place(
            &old, strlen(name) + 1 + strlen(key.id) + 1 + key.secret.length,
            replace, privilege, profile, report);
    if (refusal == 0)
        refusal = make_key(&serial, name, &key, lifetime, privilege, report);
    if (refusal == 0)
        refusal = link_key(serial, &old, privilege, report);
    if (refusal == 0)
        refusal = check_crowd(profile, privilege, report);
    if (refusal == 0)
        answer_done(reply, key.id,
                    privilege->self != privilege->caller ? PROTECTION_SERVICE
                                                         : PROTECTION_USER,
                    &old.best, privilege);
    signing_key_free(&key);
    return refusal;
}

int
custody_remove(struct message *reply, const struct message *message,
               const struct privilege *privilege, struct report *report)
{
    char profile[PROFILE_SIZE] = "", name[KEY_NAME_SIZE];
    struct stored_keys keys, left;
    struct signing_key key = {0};
    int refusal;

    (void)message_text(message, FIELD_PROFILE, profile, sizeof(profile));
    refusal = stored_key_find(&keys, name, profile, privilege, report);
    if (refusal != 0)
        return refusal;
    /* For its id only: a malformed key is removed, too. */
    if (stored_key_read(&key, profile, privilege, report) != 0)
        key.id[0] = '\0';
    for (int i = 0; i < KEYRING_COUNT; i++)
        if (keys.in[i].serial != 0)
            (void)keyctl_unlink(keys.in[i].serial, privilege->keyrings[i]);
    retire(&keys, privilege);
    if (stored_key_find(&left, name, profile, privilege, report) == 0) {
        report_set(report,
                   "the kernel does not let go of the key of profile "
                   "%.100s",
                   profile);
        refusal = REFUSAL_INTERNAL;
    } else {
        answer_done(reply, key.id,
                    keys.best.protection != 0 ? keys.best.protection
                                              : PROTECTION_USER,
                    &keys.best, privilege);
    }
    signing_key_free(&key);
    return refusal;
}
