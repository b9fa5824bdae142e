/*
 * Notes: see note.h. Part of aws-session.
 */
#include "note.h"

#include "key_name.h"
#include "keyring.h"

#include <string.h>

/* "aws-session:note:NAME" or "aws-session:note:NAME SUBJECT", encoded. */
static int
note_description(char description[KEY_NAME_SIZE], const char *name,
                 const char *subject)
{
    char joined[KEY_NAME_SIZE];
    size_t length = strlen(name);

    if (subject == NULL)
        return key_name_build(description, "note", name, NULL);
    if (length + 1 + strlen(subject) >= sizeof(joined))
        return -1;
    memcpy(joined, name, length);
    joined[length] = ' ';
    memcpy(joined + length + 1, subject, strlen(subject) + 1);
    return key_name_build(description, "note", joined, NULL);
}

int
note_read(const char *name, const char *subject, char *buffer, size_t size)
{
    char description[KEY_NAME_SIZE];
    struct secret payload = {0};
    struct report report;
    int length = -1;

    if (note_description(description, name, subject) == 0 &&
        keyring_read(KEYRING_USER, description, &payload, &report) ==
            KEYRING_OK &&
        payload.length < size) {
        memcpy(buffer, payload.data, payload.length);
        buffer[payload.length] = '\0';
        length = (int)payload.length;
    }
    secret_free(&payload);
    return length;
}

void
note_write(const char *name, const char *subject, const char *text,
           unsigned seconds)
{
    char description[KEY_NAME_SIZE];
    struct report report;

    if (note_description(description, name, subject) == 0)
        (void)keyring_store(KEYRING_USER, description, text, strlen(text),
                            seconds, &report);
}

void
note_remove(const char *name, const char *subject)
{
    char description[KEY_NAME_SIZE];

    if (note_description(description, name, subject) == 0)
        keyring_remove(KEYRING_USER, description);
}
