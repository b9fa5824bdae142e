/*
 * malloc and its family, with memory wiped when it is given back.
 *
 * Part of aws-session-sts. libcurl and expat hold copies of what they send
 * and parse, session tokens and MFA codes among them, in memory of their
 * own; both let us give them these functions instead of the libc's.
 */
#ifndef AWS_SESSION_MEMORY_H
#define AWS_SESSION_MEMORY_H

#include <stddef.h>

/* As free(3), realloc(3); they match malloc(3), calloc(3) and strdup(3). */
void memory_free(void *memory);
void *memory_realloc(void *memory, size_t size);

#endif
