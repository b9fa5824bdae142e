/*
 * What is remembered of a rotation while it goes on, so that the next one can
 * take it up where it was interrupted.
 *
 * Part of aws-session. A note in the user keyring (note.h): key ids and a
 * time, no secret. Whoever changes it can make a rotation delete an access
 * key of the user, which that program could do by itself with the session.
 */
#ifndef AWS_SESSION_ROTATION_NOTE_H
#define AWS_SESSION_ROTATION_NOTE_H

#include "access_key.h"

struct rotation_note {
    char old_id[ACCESS_KEY_ID_SIZE]; /* "" if there is no note */
    char new_id[ACCESS_KEY_ID_SIZE]; /* "" while it is not known */
    int64_t time; /* by AWS's clock, before a new key was asked for */
};

/* Read the note of a profile; it is empty if there is none. */
void rotation_note_read(const char *profile, struct rotation_note *note);

/* Write the note and make sure that it is kept. Returns 0, or -1 with the
 * report filled. */
int rotation_note_write(const char *profile, const struct rotation_note *note,
                        struct report *report);

void rotation_note_remove(const char *profile);

/* How a rotation stands, by the note and the keys that AWS lists. */
enum rotation_state {
    ROTATION_NONE,       /* one key, ours: nothing was begun */
    ROTATION_BEGUN,      /* the same, but a new key was to be made */
    ROTATION_HALF_MADE,  /* other is a new key whose secret is lost */
    ROTATION_STORED,     /* ours is the new key, other the old one */
    ROTATION_DONE,       /* ours is the new key, the old one is gone */
    ROTATION_IN_THE_WAY, /* other is nothing that we know of */
    ROTATION_UNLISTED    /* AWS does not list ours */
};

/*
 * Judge. current is the id of the stored key; *other is set where there is
 * one. A key that was made within a minute of the note, by AWS's own clock,
 * while a rotation was waiting for its new key, is that one: AWS would have
 * refused it, had somebody else made the second key.
 */
enum rotation_state rotation_state(const struct rotation_note *note,
                                   const struct access_key_list *list,
                                   const char *current,
                                   const struct access_key **other);

#endif
