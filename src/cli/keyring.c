/*
 * The user keyring: see keyring.h. Part of aws-session.
 */
#include "keyring.h"

#include "key_name.h"

#include <errno.h>
#include <keyutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* big_key keeps long payloads out of the quota, where the kernel has it. */
static const char *const key_types[] = {"big_key", "user"};
enum { TYPE_BIG, TYPE_USER, TYPE_COUNT };

/* Notes are short: what is looked for in vain each time costs one call. */
static size_t
first_type(const char *description)
{
    static const char note[] = "aws-session:note:";

    return strncmp(description, note, sizeof(note) - 1) == 0 ? TYPE_USER
                                                             : TYPE_BIG;
}

/* Bytes that hold what we keep, as a rule. */
enum { READ_FIRST = 2047 };

int
keyring_special(enum keyring_place place)
{
    switch (place) {
    case KEYRING_LOGIN:
        return KEY_SPEC_SESSION_KEYRING;
    case KEYRING_PERSISTENT:
        return (int)keyctl_get_persistent((uid_t)-1, KEY_SPEC_PROCESS_KEYRING);
    case KEYRING_USER:
        break;
    }
    return KEY_SPEC_USER_KEYRING;
}

/* Whether a key is in a keyring itself, not in one that it links. */
static bool
is_linked(key_serial_t keyring, key_serial_t serial)
{
    key_serial_t *list = NULL;
    int size = keyctl_read_alloc(keyring, (void **)&list);
    bool found = false;

    for (int i = 0; !found && i < size / (int)sizeof(*list); i++)
        found = list[i] == serial;
    free(list);
    return found;
}

static key_serial_t
find_key(enum keyring_place place, const char *description)
{
    key_serial_t keyring = keyring_special(place);
    key_serial_t serial = -1;

    for (size_t i = first_type(description); i < TYPE_COUNT; i++) {
        serial = (key_serial_t)keyctl_search(keyring, key_types[i],
                                             description, 0);
        if (serial > 0)
            break;
    }
    /* A login's keyring has a link to the user's. */
    if (serial > 0 && place == KEYRING_LOGIN && !is_linked(keyring, serial)) {
        errno = ENOKEY;
        return -1;
    }
    return serial;
}

static enum keyring_result
classify(int error, const char *doing, struct report *report)
{
    switch (error) {
    case ENOKEY:
    case EKEYEXPIRED:
    case EKEYREVOKED:
        report_set(report, "%s: %s", doing, strerror(error));
        return KEYRING_ABSENT;
    case EDQUOT:
        report_set(report,
                   "the kernel keyring of uid %u is full (see "
                   "/proc/key-users): %s: %s",
                   (unsigned)getuid(), doing, strerror(error));
        return KEYRING_FULL;
    default:
        report_set(report, "the kernel keyring is not usable here: %s: %s",
                   doing, strerror(error));
        return KEYRING_UNAVAILABLE;
    }
}

enum keyring_result
keyring_read_serial(int serial, struct secret *payload, struct report *report)
{
    size_t size = READ_FIRST;

    for (;;) {
        long length;

        if (secret_reserve(payload, size) != 0)
            return classify(errno, "reading", report);
        secret_clear(payload);
        length = keyctl_read(serial, payload->data, payload->capacity);
        if (length < 0)
            return classify(errno, "reading", report);
        size = (size_t)length;
        if (size > payload->capacity)
            continue; /* it is that long: once more */
        payload->length = size;
        payload->data[size] = '\0';
        return KEYRING_OK;
    }
}

enum keyring_result
keyring_read(enum keyring_place place, const char *description,
             struct secret *payload, struct report *report)
{
    key_serial_t serial = find_key(place, description);

    if (serial < 0)
        return classify(errno, "searching", report);
    return keyring_read_serial(serial, payload, report);
}

static key_serial_t
add_private_key(const char *description, const void *payload, size_t length)
{
    key_serial_t serial = -1;

    for (size_t i = first_type(description); i < TYPE_COUNT; i++) {
        serial = add_key(key_types[i], description, payload, length,
                         KEY_SPEC_PROCESS_KEYRING);
        if (serial > 0 || errno == EDQUOT)
            break;
    }
    return serial;
}

enum keyring_result
keyring_store(enum keyring_place place, const char *description,
              const void *payload, size_t length, unsigned timeout,
              struct report *report)
{
    /* Owner all: found and read also by a process that possesses nothing. */
    key_perm_t permissions = place == KEYRING_LOGIN
                                 ? KEY_POS_ALL
                                 : KEY_POS_ALL | KEY_USR_ALL;
    enum keyring_result result = KEYRING_OK;
    key_serial_t serial = add_private_key(description, payload, length);

    if (serial < 0)
        return classify(errno, "adding a key", report);
    if (keyctl_setperm(serial, permissions) != 0 ||
        (timeout > 0 && keyctl_set_timeout(serial, timeout) != 0)) {
        result = classify(errno, "setting up a key", report);
    } else if (keyctl_link(serial, keyring_special(place)) != 0) {
        result = classify(errno, "linking a key", report);
    }
    keyctl_unlink(serial, KEY_SPEC_PROCESS_KEYRING);
    return result;
}

void
keyring_remove(enum keyring_place place, const char *description)
{
    key_serial_t serial = find_key(place, description);

    if (serial > 0)
        keyctl_unlink(serial, keyring_special(place));
}

void
keyring_drop(enum keyring_place place, int serial)
{
    (void)keyctl_revoke(serial);
    (void)keyctl_unlink(serial, keyring_special(place));
}

bool
keyring_has_login(void)
{
    key_serial_t login = keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);

    return login != -1 &&
           login != keyctl_get_keyring_ID(KEY_SPEC_USER_SESSION_KEYRING, 0);
}

bool
keyring_login_is_revoked(void)
{
    return keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0) == -1 &&
           errno == EKEYREVOKED;
}

/* Whether keyctl_describe(3)'s "user;UID;GID;PERM;DESCRIPTION" is of a key. */
static bool
is_described(const char *text, const char *description)
{
    const char *name = text;

    for (int skip = 0; name != NULL && skip < 4; skip++)
        name = strchr(name + (skip > 0), ';');
    return name != NULL && strncmp(text, "user;", 5) == 0 &&
           strcmp(name + 1, description) == 0;
}

/*
 * A protected parent key cannot be searched for, but its group may view it:
 * look at the descriptions of everything in the keyring. Returns 1 for one
 * that cannot be seen either, as by somebody who changed groups.
 */
static int
find_by_view(key_serial_t keyring, const char *description)
{
    void *list = NULL;
    long size = keyctl_read_alloc(keyring, &list);
    int found = 0;

    for (long i = 0; found <= 1 && i < size / (long)sizeof(key_serial_t);
         i++) {
        key_serial_t serial = ((key_serial_t *)list)[i];
        char *text = NULL;

        if (keyctl_describe_alloc(serial, &text) < 0)
            found = errno == EACCES ? 1 : found;
        else if (is_described(text, description))
            found = serial;
        free(text);
    }
    free(list);
    return found;
}

/* EACCES: the kernel compares names before it looks at permissions. */
static int
find_parent(key_serial_t keyring, const char *description)
{
    key_serial_t serial = (key_serial_t)keyctl_search(keyring, "user",
                                                      description, 0);

    if (serial > 0)
        return serial;
    return errno == EACCES ? find_by_view(keyring, description) : 0;
}

static int
parent_in(enum keyring_place place, const char *profile)
{
    char description[KEY_NAME_SIZE];
    int keyring;

    if (key_name_build(description, "parent", profile, NULL) != 0)
        return 0;
    keyring = keyring_special(place);
    return keyring != -1 ? find_parent(keyring, description) : 0;
}

int
keyring_parent_serial(const char *profile)
{
    int serial = parent_in(KEYRING_USER, profile);

    return serial != 0 ? serial : parent_in(KEYRING_PERSISTENT, profile);
}

/* Whether a key is there and belongs to somebody else. */
static bool
is_of_another(int serial)
{
    char *text = NULL;
    bool result = serial != 0;

    if (keyctl_describe_alloc(serial, &text) > 0)
        result = strtoul(text + strcspn(text, ";") + 1, NULL, 10) != getuid();
    free(text);
    return result;
}

bool
keyring_parent_is_protected(const char *profile)
{
    return is_of_another(parent_in(KEYRING_USER, profile)) ||
           is_of_another(parent_in(KEYRING_PERSISTENT, profile));
}
