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

static key_serial_t
find_key(const char *description)
{
    key_serial_t serial = -1;

    for (size_t i = first_type(description); i < TYPE_COUNT; i++) {
        serial = (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING,
                                             key_types[i], description, 0);
        if (serial > 0)
            break;
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
keyring_read(const char *description, struct secret *payload,
             struct report *report)
{
    key_serial_t serial = find_key(description);
    size_t size = READ_FIRST;

    if (serial < 0)
        return classify(errno, "searching", report);
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
keyring_store(const char *description, const void *payload, size_t length,
              unsigned timeout, struct report *report)
{
    enum keyring_result result = KEYRING_OK;
    const char *doing = "adding a key";
    key_serial_t serial = add_private_key(description, payload, length);

    if (serial < 0)
        return classify(errno, doing, report);
    /* Owner all: found and read also by a process that possesses nothing. */
    if (keyctl_setperm(serial, KEY_POS_ALL | KEY_USR_ALL) != 0 ||
        (timeout > 0 && keyctl_set_timeout(serial, timeout) != 0)) {
        result = classify(errno, "setting up a key", report);
    } else if (keyctl_link(serial, KEY_SPEC_USER_KEYRING) != 0) {
        result = classify(errno, "linking a key", report);
    }
    keyctl_unlink(serial, KEY_SPEC_PROCESS_KEYRING);
    return result;
}

void
keyring_remove(const char *description)
{
    key_serial_t serial = find_key(description);

    if (serial > 0)
        keyctl_unlink(serial, KEY_SPEC_USER_KEYRING);
}

/*
 * A protected parent key may be seen but not searched for: look at the
 * descriptions of everything in the keyring instead.
 */
static key_serial_t
find_by_view(const char *description)
{
    key_serial_t found = 0;
    void *list = NULL;
    long size = keyctl_read_alloc(KEY_SPEC_USER_KEYRING, &list);

    for (long i = 0; found == 0 && i < size / (long)sizeof(key_serial_t);
         i++) {
        key_serial_t serial = ((key_serial_t *)list)[i];
        char *text = NULL;

        /* "user;UID;GID;PERM;DESCRIPTION" */
        if (keyctl_describe_alloc(serial, &text) > 0) {
            const char *name = text;

            for (int skip = 0; name != NULL && skip < 4; skip++)
                name = strchr(name + (skip > 0), ';');
            if (name != NULL && strncmp(text, "user;", 5) == 0 &&
                strcmp(name + 1, description) == 0)
                found = serial;
        }
        free(text);
    }
    free(list);
    return found;
}

int
keyring_parent_serial(const char *profile)
{
    char description[KEY_NAME_SIZE];
    key_serial_t serial;

    if (key_name_build(description, "parent", profile, NULL) != 0)
        return 0;
    serial = (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "user",
                                         description, 0);
    if (serial > 0)
        return serial;
    if (errno == ENOKEY || errno == EKEYEXPIRED || errno == EKEYREVOKED)
        return 0;
    return find_by_view(description);
}
