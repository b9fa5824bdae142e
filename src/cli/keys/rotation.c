/*
 * Rotation of a stored key: see rotation.h. Part of aws-session.
 *
 * Finds out how things stand; what changes them is in rotation_steps.c.
 */
#include "rotation.h"

#include "clock.h"
#include "fault_point.h"
#include "lock.h"
#include "parent_key.h"
#include "rotation_consent.h"
#include "rotation_steps.h"
#include "session_parent.h"
#include "timestamp.h"

#include <string.h>
#include <sys/prctl.h>

/* A key that was imported with --keep will be dead in the file. */
static void
note_file_key(struct rotation *rotation, const struct config *config)
{
    const char *base = rotation->profile.base;
    const char *id = config_get(config, base, "aws_access_key_id");

    if (id == NULL || strlen(id) >= sizeof(rotation->file_key))
        return;
    memcpy(rotation->file_key, id, strlen(id) + 1);
    config_where(config, base, "aws_access_key_id", rotation->file_place,
                 sizeof(rotation->file_place));
}

/* Which profile, and its stored key: before anybody is asked for a code. */
static int
find_stored(struct rotation *rotation, struct report *report)
{
    struct config config = {0};
    struct profile_options wanted = rotation->options->profile;
    struct profile *profile = &rotation->profile;
    struct parent_key stored;
    enum refusal refusal;
    int result = -1;

    wanted.is_stored = session_parent_is_stored;
    if (config_load(&config, report) != 0 ||
        profile_resolve(profile, &config, &wanted, report) != 0)
        goto done;
    if (profile->parent == PARENT_ENVIRONMENT ||
        profile->parent == PARENT_STASHED) {
        report_set(report, "the access key in the environment is not a "
                           "stored one, and only those are rotated: name a "
                           "profile with --profile");
        goto done;
    }
    note_file_key(rotation, &config);
    if (parent_key_describe(profile->base, &stored, &refusal, report) == 0) {
        memcpy(rotation->current, stored.access_key_id,
               sizeof(rotation->current));
        rotation_note_read(profile->base, &rotation->note);
        result = 0;
    } else if (refusal == REFUSAL_NO_KEY) {
        report_set(report,
                   "profile %.100s has no stored key, and only those are "
                   "rotated: store one with aws-session import or "
                   "aws-session add",
                   profile->base);
    }
done:
    config_free(&config);
    return result;
}

/* The session with MFA. */
static enum exit_status
begin_session(struct rotation *rotation, struct report *report)
{
    struct session_options options = *rotation->options;

    options.without_roles = true;
    profile_free(&rotation->profile);
    return session_get(&options, &rotation->profile, &rotation->session,
                       report);
}

/* The user whose it is. */
static int
find_user(struct rotation *rotation, struct report *report)
{
    const struct session *session = &rotation->session;
    struct aws_error error;
    const char *user;

    rotation->aws.ca_bundle = rotation->profile.ca_bundle;
    rotation->iam = (struct access_key_caller){
        .aws = &rotation->aws,
        .profile = &rotation->profile,
        .signer = {.access_key_id = session->access_key_id.data,
                   .secret_access_key = &session->secret_access_key,
                   .session_token = &session->session_token},
    };
    if (key_check(&rotation->aws, &rotation->profile, &rotation->iam.signer, 0,
                  rotation->arn, &error, report) != 0)
        return -1;
    user = strstr(rotation->arn, ":user/");
    if (user == NULL)
        return report_set(report,
                          "the stored key of profile %.100s is of %.400s, "
                          "and only keys of IAM users are rotated",
                          rotation->profile.base, rotation->arn);
    rotation->iam.user = strrchr(user, '/') + 1;
    return 0;
}

static int
report_in_the_way(const struct rotation *rotation,
                  const struct access_key *other, struct report *report)
{
    char made[TIMESTAMP_SIZE];
    long long days = (long long)(clock_now() - other->created) / 86400;

    timestamp_format(other->created, made);
    return report_set(report,
                      "user %s has a second access key, %s (%s, made %s, %lld "
                      "days ago), and AWS allows no third: if nothing uses "
                      "it, delete it (aws iam delete-access-key, or the IAM "
                      "console), then rotate again. The stored key %s stays "
                      "as it is",
                      rotation->iam.user, other->id, other->status, made,
                      days > 0 ? days : 0, rotation->current);
}

/* Whatever an interrupted rotation left behind is dealt with first. */
static int
rotate(struct rotation *rotation, struct report *report)
{
    const char *profile = rotation->profile.base;
    struct rotation_note *note = &rotation->note;
    const struct access_key *other;
    struct access_key_list list;

    if (access_key_list(&rotation->iam, &list, report) != 0)
        return -1;
    switch (rotation_state(note, &list, rotation->current, &other)) {
    case ROTATION_NONE:
        break;
    case ROTATION_BEGUN:
        rotation_say(
            "profile %s: a rotation was interrupted before there was a new "
            "key: beginning anew",
            profile);
        break;
    case ROTATION_HALF_MADE:
        rotation_say(
            "profile %s: a rotation was interrupted, and the secret of its "
            "new key %s is lost: deleting that key and beginning anew",
            profile, other->id);
        if (access_key_delete(&rotation->iam, other->id, report) != 0)
            return -1;
        fault_point("the lost key is deleted");
        break;
    case ROTATION_STORED:
        rotation_say(
            "profile %s: a rotation was interrupted; its new key %s is "
            "stored: going on",
            profile, rotation->current);
        return rotation_remove_old(rotation, report);
    case ROTATION_DONE:
        rotation_note_remove(profile);
        rotation_say(
            "profile %s: a rotation was interrupted after its last step: the "
            "stored key is %s, the old one, %s, is deleted",
            profile, rotation->current, note->old_id);
        return 0;
    case ROTATION_IN_THE_WAY:
        return report_in_the_way(rotation, other, report);
    case ROTATION_UNLISTED:
        return report_set(report,
                          "AWS does not list the stored key %s for user %s: "
                          "nothing was rotated",
                          rotation->current, rotation->iam.user);
    }
    return rotation_replace(rotation, list.time != 0 ? list.time : clock_now(),
                            report) != 0
               ? -1
               : rotation_remove_old(rotation, report);
}

enum exit_status
rotation_run(const struct session_options *options, bool force,
             struct report *report)
{
    struct rotation rotation = {.options = options, .aws = AWS_CLOSED(NULL)};
    struct lock lock = LOCK_NONE;
    enum exit_status status = EXIT_FAILED;

    /* A new secret passes through here: no program may look into us. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (lock_try(&lock, "rotate") != 0) {
        report_set(report, "another aws-session rotate of yours is running: "
                           "wait until it is done");
        return EXIT_FAILED;
    }
    if (find_stored(&rotation, report) == 0)
        status = rotation_consent(&rotation, force, report);
    if (status == EXIT_DONE)
        status = begin_session(&rotation, report);
    if (status == EXIT_DONE &&
        (find_user(&rotation, report) != 0 || rotate(&rotation, report) != 0))
        status = EXIT_FAILED;
    aws_close(&rotation.aws);
    session_free(&rotation.session);
    profile_free(&rotation.profile);
    lock_release(&lock);
    return status;
}
