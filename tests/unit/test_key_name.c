/*
 * Descriptions and payloads of our keys (src/common/key_name.c).
 */
#include "key_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
builds_descriptions(void **state)
{
    static const struct {
        const char *kind, *name, *id, *expected;
    } cases[] = {
        {"parent", "default", NULL, "aws-session:parent:default"},
        {"session", "work", "0a1b", "aws-session:session:work:0a1b"},
        {"note", "serial", "x:y", "aws-session:note:serial:x:y"},
        {"parent", "a:b%c d", NULL, "aws-session:parent:a%3Ab%25c%20d"},
        {"parent", "d\xC3\xA9v\n\x7F", NULL,
         "aws-session:parent:d%C3%A9v%0A%7F"},
        {"parent", "a/../b", NULL, "aws-session:parent:a/../b"},
        {"parent", "", NULL, "aws-session:parent:"},
    };
    char buffer[KEY_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            key_name_build(buffer, cases[i].kind, cases[i].name, cases[i].id),
            0);
        assert_string_equal(buffer, cases[i].expected);
    }
}

/* Two profiles never share a description, whatever they are called. */
static void
descriptions_do_not_collide(void **state)
{
    static const char *const names[] = {"a",   "a:b", "a%3Ab", "a%3ab",
                                        "A:B", "a b", "a%20b", ""};
    char first[KEY_NAME_SIZE], second[KEY_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t j = 0; j < i; j++) {
            key_name_build(first, "session", names[i], "id");
            key_name_build(second, "session", names[j], "id");
            assert_string_not_equal(first, second);
        }
}

static void
refuses_what_does_not_fit(void **state)
{
    char name[KEY_NAME_SIZE + 1], buffer[KEY_NAME_SIZE + 16];
    size_t fitting = 0;

    (void)state;
    memset(buffer, 'G', sizeof(buffer));
    for (size_t length = 0; length <= KEY_NAME_SIZE; length++) {
        memset(name, 'a', length);
        name[length] = '\0';
        if (key_name_build(buffer, "parent", name, NULL) == 0) {
            fitting = length;
            assert_int_equal(strlen(buffer), 19 + length);
        }
    }
    assert_in_range(fitting, 4000, KEY_NAME_SIZE - 20);
    /* Encoding makes a byte three: nothing is written past the end. */
    memset(name, '%', KEY_NAME_SIZE);
    name[KEY_NAME_SIZE] = '\0';
    assert_int_equal(key_name_build(buffer, "parent", name, NULL), -1);
    for (size_t i = KEY_NAME_SIZE; i < sizeof(buffer); i++)
        assert_int_equal(buffer[i], 'G');
    memset(name, 'a', fitting);
    name[fitting] = '\0';
    assert_int_equal(key_name_build(buffer, "parent", name, "id"), -1);
}

static void
splits_payloads(void **state)
{
    static const struct {
        const char *payload;
        size_t length, id_length, secret_length;
        int secret_at;
    } cases[] = {
        {"ID\nSECRET", 9, 2, 6, 3},
        {"ID\nSECRET\n", 10, 2, 6, 3},
        {"I\nS", 3, 1, 1, 2},
        {"ID\n /+=\0x", 9, 2, 6, 3},
        {"ID\nSECRET\n\n", 11, 0, 0, -1},
        {"ID\nSEC\nRET", 10, 0, 0, -1},
        {"\nSECRET", 7, 0, 0, -1},
        {"ID\n", 3, 0, 0, -1},
        {"ID\n\n", 4, 0, 0, -1},
        {"ID", 2, 0, 0, -1},
        {"", 0, 0, 0, -1},
        {"\n", 1, 0, 0, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t id_length = 77, secret_length = 77;

        assert_int_equal(key_payload_split(cases[i].payload, cases[i].length,
                                           &id_length, &secret_length),
                         cases[i].secret_at);
        if (cases[i].secret_at < 0)
            continue;
        assert_int_equal(id_length, cases[i].id_length);
        assert_int_equal(secret_length, cases[i].secret_length);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_descriptions),
        cmocka_unit_test(descriptions_do_not_collide),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(splits_payloads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
