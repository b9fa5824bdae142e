/*
 * Memory for secrets: see secret.h. Part of libcommon: libc only.
 */
#include "secret.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Short secrets share one mapping: one of their own each would cost more time
 * than all the rest of a cached "exec". It is never unmapped; what is in it is
 * wiped when it is given back.
 */
enum { POOL_SIZE = 8192, POOL_LONGEST = 2048, POOL_STEP = 32 };

static struct {
    char *base;
    size_t used; /* from the beginning */
    size_t live; /* secrets in it */
} pool;

static size_t
round_up(size_t size, size_t step)
{
    return (size + step - 1) / step * step;
}

/* Memory that stays here, as far as the kernel lets us; NULL if there is
 * none. size is a multiple of the page size. */
static char *
map_private(size_t size)
{
    char *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (data == MAP_FAILED)
        return NULL;
    /* Each is best effort: a small RLIMIT_MEMLOCK must not cost a login. */
    (void)mlock(data, size);
    (void)madvise(data, size, MADV_DONTDUMP);
#ifdef MADV_WIPEONFORK
    (void)madvise(data, size, MADV_WIPEONFORK);
#endif
    return data;
}

/* At least *size bytes; *size becomes what they are. */
static char *
take(size_t *size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t share = round_up(*size, POOL_STEP);

    if (pool.base == NULL && share <= POOL_LONGEST)
        pool.base = map_private(round_up(POOL_SIZE, page));
    if (pool.base != NULL && share <= POOL_LONGEST &&
        share <= POOL_SIZE - pool.used) {
        char *data = pool.base + pool.used;

        pool.used += share;
        pool.live++;
        *size = share;
        return data;
    }
    *size = round_up(*size, page);
    return map_private(*size);
}

static void
give_back(char *data, size_t size)
{
    explicit_bzero(data, size);
    if (pool.base == NULL || data < pool.base ||
        data >= pool.base + POOL_SIZE) {
        munmap(data, size);
        return;
    }
    if (data + size == pool.base + pool.used)
        pool.used -= size;
    assert(pool.live > 0);
    if (--pool.live == 0)
        pool.used = 0;
}

int
secret_reserve(struct secret *secret, size_t capacity)
{
    struct secret larger;
    size_t size;

    if (secret->data != NULL && capacity <= secret->capacity)
        return 0;
    if (capacity > SIZE_MAX / 4) {
        errno = ENOMEM;
        return -1;
    }
    size = capacity + 1;
    /* What grows once grows again. */
    if (secret->data != NULL && size < 2 * (secret->capacity + 1))
        size = 2 * (secret->capacity + 1);
    larger.data = take(&size);
    if (larger.data == NULL)
        return -1;
    larger.capacity = size - 1;
    larger.length = secret->length;
    if (secret->length > 0)
        memcpy(larger.data, secret->data, secret->length);
    larger.data[larger.length] = '\0';
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
    if (secret->data != NULL)
        give_back(secret->data, secret->capacity + 1);
    *secret = (struct secret){0};
}
