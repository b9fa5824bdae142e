/*
 * The steps of a rotation: see rotation_steps.h. Part of aws-session.
 *
 * At every fault point the stored key is one that works.
 */
#include "rotation_steps.h"

#include "debug.h"
#include "fault_point.h"
#include "mfa/mfa_serial.h"
#include "parent_key.h"
#include "session_parent.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SPREAD_SECONDS = 60 }; /* until AWS knows a new key */

void
rotation_say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

/* The key that is stored, or that is about to be, as AWS sees it. */
static int
prove(struct rotation *rotation, const struct aws_signer *signer,
      struct report *report)
{
    char arn[KEY_CHECK_ARN_SIZE];
    struct aws_error error;

    if (key_check(&rotation->aws, &rotation->profile, signer, SPREAD_SECONDS,
                  arn, &error, report) != 0)
        return -1;
    if (strcmp(arn, rotation->arn) != 0)
        return report_set(report,
                          "AWS says that the new key is of %.400s, "
                          "not of %.400s",
                          arn, rotation->arn);
    return 0;
}

static int
prove_stored(struct rotation *rotation, struct report *report)
{
    const struct aws_signer signer = {
        .stored_profile = rotation->profile.base};
    struct report cause;

    if (prove(rotation, &signer, &cause) == 0)
        return 0;
    return report_set(report,
                      "the stored key %s does not work (yet): %.500s. The old "
                      "one, %s, is not deleted; try again later",
                      rotation->current, cause.text, rotation->note.old_id);
}

/* From the stored new key on: the old one goes. */
int
rotation_remove_old(struct rotation *rotation, struct report *report)
{
    const char *old = rotation->note.old_id;
    const char *profile = rotation->profile.base;

    if (prove_stored(rotation, report) != 0)
        return -1;
    fault_point("the stored key is proved");
    if (access_key_deactivate(&rotation->iam, old, report) != 0)
        return -1;
    fault_point("the old key is inactive");
    if (prove_stored(rotation, report) != 0)
        return -1;
    fault_point("the stored key is proved once more");
    if (access_key_delete(&rotation->iam, old, report) != 0)
        return -1;
    fault_point("the old key is deleted");
    rotation_note_remove(profile);
    fault_point("the note is removed");
    rotation_say(
        "profile %s: the stored key is %s now; the old one, %s, is deleted",
        profile, rotation->current, old);
    if (strcmp(rotation->file_key, old) == 0)
        rotation_say("the old key still stands in %s, and is good for nothing "
                     "there: remove it",
                     rotation->file_place);
    return 0;
}

/* The new key is not to be: back to where we were. */
static int
undo(struct rotation *rotation, struct report *report)
{
    struct report cause = *report, why;

    if (access_key_delete(&rotation->iam, rotation->replacement, &why) == 0)
        rotation_note_remove(rotation->profile.base);
    else
        warn_line("the new key %s is not deleted: %s; the next rotation does "
                  "it",
                  rotation->replacement, why.text);
    return report_set(report,
                      "nothing was rotated, and the stored key %s is as good "
                      "as before: %.700s",
                      rotation->current, cause.text);
}

/* The session that we have is the user's: it is kept for the new key. */
static void
keep_session(struct rotation *rotation, const struct session_parent *old,
             const char *serial)
{
    const struct profile *profile = &rotation->profile;

    session_carry_over(profile, serial, &rotation->session);
    mfa_serial_forget(old->id);
    fault_point("the session is kept for the new key");
}

/*
 * Put the new key in the old one's place. If the signer was lost before it
 * could answer, what it says now counts.
 */
static int
store(struct rotation *rotation, const struct secret *secret,
      struct report *report)
{
    const char *profile = rotation->profile.base;
    struct session_parent old = {.id = ""};
    char serial[MFA_SERIAL_SIZE];
    struct parent_key stored;
    enum refusal refusal;
    struct report ignored;

    session_parent_name_stored(&old, &rotation->profile);
    mfa_serial_known(&rotation->profile, old.id, serial);
    if (parent_key_store(profile, rotation->replacement, secret, true, 0,
                         &stored, &refusal, report) != 0 &&
        (parent_key_describe(profile, &stored, &refusal, &ignored) != 0 ||
         strcmp(stored.access_key_id, rotation->replacement) != 0))
        return -1;
    fault_point("the new key is stored");
    memcpy(rotation->current, rotation->replacement,
           sizeof(rotation->current));
    keep_session(rotation, &old, serial);
    return 0;
}

/* Make, prove and store a new key. */
int
rotation_replace(struct rotation *rotation, int64_t time,
                 struct report *report)
{
    struct rotation_note *note = &rotation->note;
    const char *profile = rotation->profile.base;
    struct secret secret = {0};
    const struct aws_signer inline_key = {
        .access_key_id = rotation->replacement, .secret_access_key = &secret};
    bool unsure = false;
    int result = -1;

    *note = (struct rotation_note){.time = time};
    memcpy(note->old_id, rotation->current, sizeof(note->old_id));
    if (rotation_note_write(profile, note, report) != 0)
        return -1;
    fault_point("the rotation is noted");
    if (access_key_create(&rotation->iam, rotation->replacement, &secret,
                          &unsure, report) != 0) {
        if (!unsure)
            rotation_note_remove(profile);
        goto done;
    }
    fault_point("the new key is made");
    rotation_say("profile %s: new key %s; waiting until AWS knows it", profile,
                 rotation->replacement);
    memcpy(note->new_id, rotation->replacement, sizeof(note->new_id));
    if (rotation_note_write(profile, note, report) != 0)
        goto undone;
    fault_point("the new key is noted");
    if (prove(rotation, &inline_key, report) != 0)
        goto undone;
    fault_point("the new key is proved");
    if (store(rotation, &secret, report) != 0)
        goto undone;
    result = 0;
    goto done;
undone:
    undo(rotation, report);
done:
    secret_free(&secret);
    return result;
}
