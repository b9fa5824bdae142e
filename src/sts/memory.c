/*
 * Memory wiped when it is given back: see memory.h. Part of aws-session-sts.
 */
#include "memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void
memory_free(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void *
memory_realloc(void *memory, size_t size)
{
    size_t old = memory != NULL ? malloc_usable_size(memory) : 0;
    void *larger;

    if (memory != NULL && size > 0 && size <= old && size >= old / 2)
        return memory;
    larger = malloc(size);
    if (larger == NULL)
        return NULL;
    if (memory != NULL)
        memcpy(larger, memory, old < size ? old : size);
    memory_free(memory);
    return larger;
}
