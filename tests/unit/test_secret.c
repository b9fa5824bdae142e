/*
 * Memory for secrets (src/common/secret.c): what it holds, and that the
 * kernel was told to keep it to itself.
 */
#include "secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

static void
holds_what_is_put_in(void **state)
{
    struct secret secret = {0};

    (void)state;
    assert_int_equal(secret_append_string(&secret, "AWS4"), 0);
    assert_int_equal(secret_append(&secret, "a\0b", 3), 0);
    assert_int_equal(secret.length, 7);
    assert_memory_equal(secret.data, "AWS4a\0b", 8); /* and a NUL after */
    assert_int_equal(secret_set(&secret, "new", 3), 0);
    assert_int_equal(secret.length, 3);
    assert_string_equal(secret.data, "new");
    assert_int_equal(secret_append(&secret, NULL, 0), 0);
    assert_string_equal(secret.data, "new");
    assert_int_equal(secret_set(&secret, "", 0), 0);
    assert_int_equal(secret.length, 0);
    assert_string_equal(secret.data, "");
    secret_free(&secret);
    assert_null(secret.data);
    assert_int_equal(secret.length, 0);
    secret_free(&secret);
    secret_clear(&secret);
}

static void
grows_and_keeps(void **state)
{
    struct secret secret = {0};
    char byte;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        byte = (char)(i * 7);
        assert_int_equal(secret_append(&secret, &byte, 1), 0);
        assert_true(secret.capacity >= secret.length);
        assert_int_equal(secret.data[secret.length], 0);
    }
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(secret.data[i], (char)(i * 7));
    secret_free(&secret);
}

static void
reserves_without_moving(void **state)
{
    struct secret secret = {0};
    char *data;

    (void)state;
    assert_int_equal(secret_reserve(&secret, 10000), 0);
    assert_true(secret.capacity >= 10000);
    assert_int_equal(secret.length, 0);
    data = secret.data;
    for (int i = 0; i < 100; i++)
        assert_int_equal(secret_append(&secret, data + 5000, 100), 0);
    assert_ptr_equal(secret.data, data);
    assert_int_equal(secret_reserve(&secret, 1), 0);
    assert_ptr_equal(secret.data, data);
    assert_int_equal(secret.length, 10000);
    secret_free(&secret);
}

/* Short ones share memory, and each keeps to its own part of it. */
static void
many_stay_apart(void **state)
{
    enum { COUNT = 300 };
    struct secret secrets[COUNT] = {0};
    char text[COUNT + 1];

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            memset(text, (char)('a' + (char)(i % 26)), i);
            assert_int_equal(secret_set(&secrets[i], text, i), 0);
        }
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(secrets[i].length, i);
            for (size_t k = 0; k < i; k++)
                assert_int_equal(secrets[i].data[k], (char)('a' + i % 26));
            if (i % 3 != (size_t)round)
                secret_free(&secrets[i]);
        }
    }
    for (size_t i = 0; i < COUNT; i++)
        secret_free(&secrets[i]);
}

/* What is given out again holds nothing of the one before. */
static void
freeing_wipes(void **state)
{
    struct secret first = {0}, second = {0}, after = {0};

    (void)state;
    assert_int_equal(secret_set(&first, "0123456789", 10), 0);
    assert_int_equal(secret_set(&second, "x", 1), 0);
    secret_free(&first);
    secret_free(&second);
    assert_int_equal(secret_reserve(&after, 10), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(after.data[i], 0);
    secret_free(&after);
}

static void
clearing_wipes(void **state)
{
    struct secret secret = {0};

    (void)state;
    assert_int_equal(secret_set(&secret, "0123456789", 10), 0);
    secret_clear(&secret);
    assert_int_equal(secret.length, 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(secret.data[i], 0);
    /* A shorter value leaves nothing of a longer one. */
    assert_int_equal(secret_set(&secret, "0123456789", 10), 0);
    assert_int_equal(secret_set(&secret, "ab", 2), 0);
    assert_memory_equal(secret.data, "ab\0\0\0\0\0\0\0\0", 10);
    secret_free(&secret);
}

static void
impossible_sizes_change_nothing(void **state)
{
    struct secret secret = {0};

    (void)state;
    assert_int_equal(secret_set(&secret, "kept", 4), 0);
    errno = 0;
    assert_int_equal(secret_append(&secret, "x", SIZE_MAX), -1);
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(secret_append(&secret, "x", SIZE_MAX / 2 - 8), -1);
    assert_int_equal(secret_reserve(&secret, SIZE_MAX), -1);
    assert_int_equal(secret_reserve(&secret, SIZE_MAX / 2 - 8), -1);
    assert_string_equal(secret.data, "kept");
    assert_int_equal(secret.length, 4);
    secret_free(&secret);
}

/* Copy the VmFlags of the mapping that holds address, "" if not found. */
static void
read_flags(const void *address, char *flags, size_t size)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512];
    int inside = 0;

    *flags = '\0';
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned long start, end;

        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            inside = start <= (uintptr_t)address && (uintptr_t)address < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(flags, size, "%s", line + 8);
    }
    fclose(file);
}

static void
is_locked_and_not_dumped(void **state)
{
    struct secret secret = {0};
    char flags[512];

    (void)state;
    assert_int_equal(secret_set(&secret, "x", 1), 0);
    read_flags(secret.data, flags, sizeof(flags));
    assert_non_null(strstr(flags, " dd")); /* MADV_DONTDUMP */
    assert_non_null(strstr(flags, " wf")); /* MADV_WIPEONFORK */
#ifndef SANITIZED                          /* its mlock does nothing */
    assert_non_null(strstr(flags, " lo"));
#endif
    secret_free(&secret);
}

static void
a_fork_has_nothing(void **state)
{
    struct secret secret = {0};
    int status;
    pid_t child;

    (void)state;
    assert_int_equal(secret_set(&secret, "x", 1), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(secret.data[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    secret_free(&secret);
}

/* A caller's RLIMIT_MEMLOCK of 0 costs the lock, not the login. */
static void
works_without_locked_memory(void **state)
{
    const struct rlimit none = {0, 0};
    int status;
    pid_t child = fork();

    (void)state;
    assert_true(child >= 0);
    if (child == 0) {
        struct secret secret = {0};

        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
            secret_set(&secret, "abc", 3) != 0 ||
            strcmp(secret.data, "abc") != 0)
            _exit(1);
        secret_free(&secret);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_is_put_in),
        cmocka_unit_test(grows_and_keeps),
        cmocka_unit_test(reserves_without_moving),
        cmocka_unit_test(many_stay_apart),
        cmocka_unit_test(clearing_wipes),
        cmocka_unit_test(freeing_wipes),
        cmocka_unit_test(impossible_sizes_change_nothing),
        cmocka_unit_test(is_locked_and_not_dumped),
        cmocka_unit_test(a_fork_has_nothing),
        cmocka_unit_test(works_without_locked_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
