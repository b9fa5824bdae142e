/*
 * Memory for secrets: see secret.h. Part of libcommon: libc only.
 */
#include "secret.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
map_size(size_t capacity)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (capacity + 1 + page - 1) / page * page;
}

int
secret_reserve(struct secret *secret, size_t capacity)
{
    struct secret larger;
    size_t size;

    if (secret->data != NULL && capacity <= secret->capacity)
        return 0;
    if (capacity > SIZE_MAX / 2) {
        errno = ENOMEM;
        return -1;
    }
    size = map_size(capacity);
    larger.data = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (larger.data == MAP_FAILED)
        return -1;
    larger.capacity = size - 1;
    larger.length = secret->length;
    /* Each is best effort: a small RLIMIT_MEMLOCK must not cost a login. */
    (void)mlock(larger.data, size);
    (void)madvise(larger.data, size, MADV_DONTDUMP);
#ifdef MADV_WIPEONFORK
    (void)madvise(larger.data, size, MADV_WIPEONFORK);
#endif
    if (secret->length > 0)
        memcpy(larger.data, secret->data, secret->length);
    secret_free(secret);
    *secret = larger;
    return 0;
}

int
secret_set(struct secret *secret, const void *data, size_t length)
{
    secret_clear(secret);
    return secret_append(secret, data, length);
}

int
secret_append(struct secret *secret, const void *data, size_t length)
{
    if (length > SIZE_MAX / 2 - secret->length) {
        errno = ENOMEM;
        return -1;
    }
    if (secret_reserve(secret, secret->length + length) != 0)
        return -1;
    if (length > 0)
        memcpy(secret->data + secret->length, data, length);
    secret->length += length;
    secret->data[secret->length] = '\0';
    return 0;
}

int
secret_append_string(struct secret *secret, const char *text)
{
    return secret_append(secret, text, strlen(text));
}

void
secret_clear(struct secret *secret)
{
    if (secret->data != NULL)
        explicit_bzero(secret->data, secret->length);
    secret->length = 0;
}

void
secret_free(struct secret *secret)
{
    if (secret->data != NULL) {
        explicit_bzero(secret->data, secret->capacity + 1);
        munmap(secret->data, secret->capacity + 1);
    }
    *secret = (struct secret){0};
}
