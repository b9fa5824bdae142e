/*
 * Names of keys taken apart (src/cli/keys/key_list.c): what key_name.c writes,
 * and what anybody else may have put into a keyring.
 */
#include "cli/keys/key_list.h"
#include "key_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
check(const char *text, const char *kind, const char *name, const char *id)
{
    struct key_entry entry;

    assert_int_equal(key_list_parse(text, &entry), 0);
    assert_string_equal(entry.kind, kind);
    assert_string_equal(entry.name, name);
    assert_string_equal(entry.id, id);
    assert_int_equal(entry.owner, 1000);
    free(entry.kind);
}

static void
test_ours(void **state)
{
    (void)state;
    check("user;1000;100;3f010000;aws-session:parent:default", "parent",
          "default", "");
    check("big_key;1000;100;3f3f0000;aws-session:session:p:0123456789abcdef",
          "session", "p", "0123456789abcdef");
    check("user;1000;100;3f3f0000;aws-session:note:clock", "note", "clock",
          "");
    check("user;1000;100;3f3f0000;aws-session:parent:a;b", "parent", "a;b",
          "");
    check("user;1000;100;3f3f0000;aws-session:parent:%20%3A%25%FF", "parent",
          " :%\xff", "");
}

/* Every byte that a name can hold comes back. */
static void
test_round_trip(void **state)
{
    char name[256], description[KEY_NAME_SIZE], text[KEY_NAME_SIZE + 64];

    (void)state;
    for (int c = 1; c < 256; c++)
        name[c - 1] = (char)c;
    name[255] = '\0';
    assert_int_equal(key_name_build(description, "session", name, "id"), 0);
    snprintf(text, sizeof(text), "user;1000;0;0;%s", description);
    check(text, "session", name, "id");
}

static void
test_not_ours(void **state)
{
    static const char *const texts[] = {
        "",
        "user",
        "user;1000",
        "user;1000;0;3f",
        "user;1000;0;3f;",
        "user;1000;0;3f;aws-session",
        "user;1000;0;3f;aws-session:",
        "user;1000;0;3f;aws-session::",
        "user;1000;0;3f;aws-session:parent",
        "user;1000;0;3f;aws-sessio:parent:x",
        "user;1000;0;3f;xaws-session:parent:x",
        "user;1000;0;3f;aws-session:parent:%",
        "user;1000;0;3f;aws-session:parent:%4",
        "user;1000;0;3f;aws-session:parent:%4g",
        "user;1000;0;3f;aws-session:parent:%ff",
        "user;1000;0;3f;aws-session:parent:%00",
        "keyring;1000;0;3f;_uid.1000",
    };
    struct key_entry entry;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(key_list_parse(texts[i], &entry), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ours),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_not_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
