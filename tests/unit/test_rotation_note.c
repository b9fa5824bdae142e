/*
 * How a rotation stands (src/cli/keys/rotation_note.c): by its note and by the
 * keys that AWS lists.
 */
#include "cli/keys/rotation_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OLD "AKIAOLDOLDOLDOLDOLD0"
#define NEW "AKIANEWNEWNEWNEWNEW1"
#define STRANGER "AKIASTRANGERSTRANGER"

enum { NOTED = 1795423821 };

static struct access_key_list list;

static void
add_key(const char *id, int64_t created)
{
    struct access_key *key = &list.keys[list.count++];

    strcpy(key->id, id);
    strcpy(key->status, "Active");
    key->created = created;
}

static struct rotation_note
note_of(const char *old_id, const char *new_id)
{
    struct rotation_note note = {.time = NOTED};

    strcpy(note.old_id, old_id);
    strcpy(note.new_id, new_id);
    return note;
}

/* The state, and which other key it is about ("" for none). */
static void
assert_state(struct rotation_note note, const char *current,
             enum rotation_state expected, const char *other_id)
{
    const struct access_key *other;

    assert_int_equal(rotation_state(&note, &list, current, &other), expected);
    assert_string_equal(other != NULL ? other->id : "", other_id);
}

static void
without_a_note(void **state)
{
    const struct rotation_note none = {.time = 0};

    (void)state;
    list.count = 0;
    assert_state(none, OLD, ROTATION_UNLISTED, "");
    add_key(OLD, 1);
    assert_state(none, OLD, ROTATION_NONE, "");
    assert_state(none, NEW, ROTATION_UNLISTED, OLD);
    add_key(STRANGER, 0);
    assert_state(none, OLD, ROTATION_IN_THE_WAY, STRANGER);
}

static void
killed_before_the_new_key_was_noted(void **state)
{
    static const int64_t inside[] = {-5, 0, 1, 60};
    static const int64_t outside[] = {-86400, -6, 61, 86400};

    (void)state;
    list.count = 0;
    add_key(OLD, 1);
    assert_state(note_of(OLD, ""), OLD, ROTATION_BEGUN, "");
    add_key(NEW, NOTED);
    for (int i = 0; i < 4; i++) {
        list.keys[1].created = NOTED + inside[i];
        assert_state(note_of(OLD, ""), OLD, ROTATION_HALF_MADE, NEW);
        list.keys[1].created = NOTED + outside[i];
        assert_state(note_of(OLD, ""), OLD, ROTATION_IN_THE_WAY, NEW);
    }
    /* The note of another key, long ago. */
    list.keys[1].created = NOTED;
    assert_state(note_of(STRANGER, ""), OLD, ROTATION_IN_THE_WAY, NEW);
    /* More than AWS allows: no guess. */
    add_key(STRANGER, NOTED);
    assert_state(note_of(OLD, ""), OLD, ROTATION_IN_THE_WAY, STRANGER);
}

static void
killed_before_the_new_key_was_stored(void **state)
{
    (void)state;
    list.count = 0;
    add_key(NEW, NOTED + 86400);
    add_key(OLD, 1);
    assert_state(note_of(OLD, NEW), OLD, ROTATION_HALF_MADE, NEW);
    strcpy(list.keys[0].id, STRANGER);
    list.keys[0].created = NOTED;
    assert_state(note_of(OLD, NEW), OLD, ROTATION_IN_THE_WAY, STRANGER);
}

static void
killed_after_the_new_key_was_stored(void **state)
{
    (void)state;
    list.count = 0;
    add_key(OLD, 1);
    add_key(NEW, NOTED);
    assert_state(note_of(OLD, NEW), NEW, ROTATION_STORED, OLD);
    strcpy(list.keys[0].status, "Inactive");
    assert_state(note_of(OLD, NEW), NEW, ROTATION_STORED, OLD);
    /* The old one is gone; what came since is nobody's business. */
    strcpy(list.keys[0].id, STRANGER);
    assert_state(note_of(OLD, NEW), NEW, ROTATION_DONE, STRANGER);
    list.count = 0;
    add_key(NEW, NOTED);
    assert_state(note_of(OLD, NEW), NEW, ROTATION_DONE, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_note),
        cmocka_unit_test(killed_before_the_new_key_was_noted),
        cmocka_unit_test(killed_before_the_new_key_was_stored),
        cmocka_unit_test(killed_after_the_new_key_was_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
