/*
 * Tests of src/cli/session_keyring.c: what tells two sessions apart.
 */
#include "cli/session_keyring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Text for the members of a profile, which own their strings. */
static char name[] = "default", role_arn[] = "arn:aws:iam::1:role/a",
            other_arn[] = "arn:aws:iam::1:role/b", session_name[] = "me";

static const struct endpoint ireland = {
    .origin = (char[]){"https://sts.eu-west-1.amazonaws.com"},
    .host = (char[]){"sts.eu-west-1.amazonaws.com"},
    .path = (char[]){"/"},
    .region = (char[]){"eu-west-1"},
};
static const struct endpoint tokyo = {
    .origin = (char[]){"https://sts.ap-northeast-1.amazonaws.com"},
    .host = (char[]){"sts.ap-northeast-1.amazonaws.com"},
    .path = (char[]){"/"},
    .region = (char[]){"ap-northeast-1"},
};
static const struct endpoint beijing = {
    .origin = (char[]){"https://sts.cn-north-1.amazonaws.com.cn"},
    .host = (char[]){"sts.cn-north-1.amazonaws.com.cn"},
    .path = (char[]){"/"},
    .region = (char[]){"cn-north-1"},
};
static const struct endpoint global = {
    .origin = (char[]){"https://sts.amazonaws.com"},
    .host = (char[]){"sts.amazonaws.com"},
    .path = (char[]){"/"},
    .region = (char[]){"us-east-1"},
};
static const struct endpoint local = {
    .origin = (char[]){"https://localhost:1"},
    .host = (char[]){"localhost:1"},
    .path = (char[]){"/"},
    .region = (char[]){"eu-west-1"},
    .custom = true,
};
static const struct endpoint other_local = {
    .origin = (char[]){"https://localhost:2"},
    .host = (char[]){"localhost:2"},
    .path = (char[]){"/"},
    .region = (char[]){"eu-west-1"},
    .custom = true,
};

static struct profile
plain(const struct endpoint *sts)
{
    struct profile profile = {.name = name, .base = name, .duration = 43200};

    profile.sts = *sts;
    profile.roles[0] = (struct role){
        .profile = name, .arn = role_arn, .session_name = session_name};
    profile.role_count = 1;
    return profile;
}

/* Whether two profiles, keys and devices have the same session. */
static bool
same(const struct profile *a, const char *key_a, const char *serial_a,
     size_t roles_a, const struct profile *b, const char *key_b,
     const char *serial_b, size_t roles_b)
{
    char first[SESSION_ID_SIZE], second[SESSION_ID_SIZE];

    session_keyring_id(a, key_a, serial_a, roles_a, first);
    session_keyring_id(b, key_b, serial_b, roles_b, second);
    return memcmp(first, second, sizeof(first)) == 0;
}

static void
what_counts(void **state)
{
    struct profile a = plain(&ireland), b = plain(&ireland);

    (void)state;
    assert_true(same(&a, "K", "S", 1, &b, "K", "S", 1));
    assert_false(same(&a, "K", "S", 1, &b, "L", "S", 1));
    assert_false(same(&a, "K", "S", 1, &b, "K", "T", 1));
    assert_false(same(&a, "K", "S", 1, &b, "K", "S", 0));
    assert_false(same(&a, "KS", "", 1, &b, "K", "S", 1));
    b.duration = 3600;
    assert_false(same(&a, "K", "S", 1, &b, "K", "S", 1));
    b = plain(&ireland);
    b.roles[0].arn = other_arn;
    assert_false(same(&a, "K", "S", 1, &b, "K", "S", 1));
    assert_true(same(&a, "K", "S", 0, &b, "K", "S", 0));
    b = plain(&ireland);
    b.roles[0].external_id = session_name;
    assert_false(same(&a, "K", "S", 1, &b, "K", "S", 1));
    b = plain(&ireland);
    b.roles[0].duration = 900;
    assert_false(same(&a, "K", "S", 1, &b, "K", "S", 1));
}

static void
where_sts_is(void **state)
{
    struct profile a = plain(&ireland), b = plain(&tokyo);

    (void)state;
    assert_true(same(&a, "K", "S", 0, &b, "K", "S", 0));
    b = plain(&beijing);
    assert_false(same(&a, "K", "S", 0, &b, "K", "S", 0));
    b = plain(&global);
    assert_false(same(&a, "K", "S", 0, &b, "K", "S", 0));
    b = plain(&local);
    assert_false(same(&a, "K", "S", 0, &b, "K", "S", 0));
    a = plain(&other_local);
    assert_false(same(&a, "K", "S", 0, &b, "K", "S", 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_counts),
        cmocka_unit_test(where_sts_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
