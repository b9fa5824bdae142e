/*
 * The note of a rotation: see rotation_note.h. Part of aws-session.
 */
#include "rotation_note.h"

#include "note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Seconds around the note in which AWS says that our new key was made. */
enum { BEFORE_NOTE = 5, AFTER_NOTE = 60 };

static const char note_name[] = "rotation";

void
rotation_note_read(const char *profile, struct rotation_note *note)
{
    char text[512];

    *note = (struct rotation_note){.time = 0};
    if (note_read(note_name, profile, text, sizeof(text)) < 0)
        return;
    if (sscanf(text, "%128s %128s %" SCNd64, note->old_id, note->new_id,
               &note->time) != 3)
        *note = (struct rotation_note){.time = 0};
    if (strcmp(note->new_id, "-") == 0)
        note->new_id[0] = '\0';
}

int
rotation_note_write(const char *profile, const struct rotation_note *note,
                    struct report *report)
{
    struct rotation_note kept;
    char text[512];

    snprintf(text, sizeof(text), "%s %s %" PRId64, note->old_id,
             note->new_id[0] != '\0' ? note->new_id : "-", note->time);
    note_write(note_name, profile, text, 0);
    rotation_note_read(profile, &kept);
    if (strcmp(kept.old_id, note->old_id) != 0 ||
        strcmp(kept.new_id, note->new_id) != 0 || kept.time != note->time)
        return report_set(report,
                          "the keyring keeps no note of the rotation (is it "
                          "full? see /proc/key-users), and without one it "
                          "could not be taken up again: nothing was done");
    return 0;
}

void
rotation_note_remove(const char *profile)
{
    note_remove(note_name, profile);
}

/* Whether a key is the one that was asked for when the note was written. */
static bool
is_new_one(const struct rotation_note *note, const struct access_key *key)
{
    if (note->new_id[0] != '\0')
        return strcmp(note->new_id, key->id) == 0;
    return key->created >= note->time - BEFORE_NOTE &&
           key->created <= note->time + AFTER_NOTE;
}

enum rotation_state
rotation_state(const struct rotation_note *note,
               const struct access_key_list *list, const char *current,
               const struct access_key **other)
{
    bool to_new = note->old_id[0] != '\0' &&
                  strcmp(note->new_id, current) == 0;
    bool from_old = strcmp(note->old_id, current) == 0;
    size_t others = 0;

    *other = NULL;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->keys[i].id, current) != 0) {
            *other = &list->keys[i];
            others++;
        }
    if (others == list->count)
        return ROTATION_UNLISTED;
    if (to_new) {
        for (size_t i = 0; i < list->count; i++)
            if (strcmp(list->keys[i].id, note->old_id) == 0) {
                *other = &list->keys[i];
                return ROTATION_STORED;
            }
        return ROTATION_DONE;
    }
    if (others == 0)
        return from_old ? ROTATION_BEGUN : ROTATION_NONE;
    return from_old && others == 1 && is_new_one(note, *other)
               ? ROTATION_HALF_MADE
               : ROTATION_IN_THE_WAY;
}
