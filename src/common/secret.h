/*
 * Memory for what must not leak: access keys, session tokens, MFA codes and
 * the messages that carry them.
 *
 * Part of libcommon. The pages are locked (as far as RLIMIT_MEMLOCK lets
 * us), left out of core dumps, empty in a forked child, and wiped when freed.
 */
#ifndef AWS_SESSION_SECRET_H
#define AWS_SESSION_SECRET_H

#include <stddef.h>

/* All zero is an empty secret. data is followed by a NUL that length does
 * not count, so that it can be passed as a string. */
struct secret {
    char *data;      /* NULL when nothing is allocated */
    size_t length;   /* bytes in use */
    size_t capacity; /* bytes that fit, without the final NUL */
};

/*
 * Make room for at least capacity bytes, keeping what is there.
 * Returns 0, or -1 with errno set; the secret is unchanged then.
 */
int secret_reserve(struct secret *secret, size_t capacity);

/* Replace the content by a copy. Returns 0, or -1 with errno set. */
int secret_set(struct secret *secret, const void *data, size_t length);

/* Add a copy of data at the end. Returns 0, or -1 with errno set. */
int secret_append(struct secret *secret, const void *data, size_t length);

/* Add a string at the end. Returns 0, or -1 with errno set. */
int secret_append_string(struct secret *secret, const char *text);

/* Wipe the content and keep the memory. */
void secret_clear(struct secret *secret);

/* Wipe and give back; the secret is empty afterwards. Takes an empty one. */
void secret_free(struct secret *secret);

#endif
