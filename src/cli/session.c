/*
 * The way of one session: see session.h. Part of aws-session.
 *
 * Never has a stored parent key: that is read by aws-session-sign alone. A key
 * from a file or a variable of the user goes through here to the signer.
 */
#include "session.h"

#include "aws_call.h"
#include "aws_error.h"
#include "clock.h"
#include "debug.h"
#include "lock.h"
#include "mfa.h"
#include "mfa_serial.h"
#include "profile_roles.h"
#include "session_keyring.h"
#include "session_parent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A session with less left is renewed, if there is somebody to ask. */
enum { ENOUGH_SECONDS = 300, USABLE_SECONDS = 30 };

/* One run along the way. */
struct way {
    const struct session_options *options;
    const struct profile *profile;
    struct policy policy;
    struct session_parent parent;
    char serial[MFA_SERIAL_SIZE]; /* of the MFA device, "" while unknown */
    struct aws aws;
    bool told_unkept; /* once is enough, however many roles */
};

/* The session for the first role_count roles: its place in the keyring. */
static const char *
session_profile(const struct way *way, size_t role_count)
{
    const struct profile *profile = way->profile;

    return role_count == 0 ? profile->base
                           : profile->roles[role_count - 1].profile;
}

static int64_t
find_cached(struct way *way, size_t role_count, struct session *session)
{
    const char *name = session_profile(way, role_count);
    char id[SESSION_ID_SIZE];
    struct report report = {""};
    int64_t left;

    session_keyring_id(way->profile, way->parent.id, way->serial, role_count,
                       id);
    switch (session_keyring_find(way->policy.cache_scope, name, id, session,
                                 &report)) {
    case KEYRING_OK:
        left = session->expiration - clock_now();
        debug_log("session %s:%s found, %" PRId64 " s left", name, id, left);
        return left;
    case KEYRING_UNAVAILABLE:
        debug_log("%s", report.text);
        return 0;
    case KEYRING_ABSENT:
    case KEYRING_FULL:
        break;
    }
    if (report.text[0] != '\0') /* there, and damaged */
        debug_log("session %s:%s is of no use: %s", name, id, report.text);
    else
        debug_log("session %s:%s is not in the keyring", name, id);
    return 0;
}

/* A session that cannot be kept still works: one line, and on. */
static void
keep(struct way *way, size_t role_count, const struct session *session)
{
    char id[SESSION_ID_SIZE];
    struct report report;

    session_keyring_id(way->profile, way->parent.id, way->serial, role_count,
                       id);
    if (session_keyring_store(way->policy.cache_scope,
                              session_profile(way, role_count), id, session,
                              &report) == KEYRING_OK)
        debug_log("session %s:%s %s", session_profile(way, role_count), id,
                  way->policy.cache_scope == CACHE_NONE ? "not to be kept"
                                                        : "kept");
    else if (!way->told_unkept) {
        warn_line("the session works but is not kept: %s", report.text);
        way->told_unkept = true;
    }
}

static int
read_session(const struct message *answer, struct session *session,
             struct report *report)
{
    if (message_secret(answer, FIELD_ACCESS_KEY_ID, &session->access_key_id) !=
            0 ||
        message_secret(answer, FIELD_SECRET_ACCESS_KEY,
                       &session->secret_access_key) != 0 ||
        message_secret(answer, FIELD_SESSION_TOKEN, &session->session_token) !=
            0)
        return report_set(report, "out of memory");
    session->expiration = message_number(answer, FIELD_EXPIRATION, 0);
    debug_log("session %s until %" PRId64, session->access_key_id.data,
              session->expiration);
    return 0;
}

/*
 * After a refused code: whether to ask for another one. Tells the person why.
 */
static bool
ask_again(struct mfa *mfa, const struct aws_error *error, int tries,
          struct report *report)
{
    struct report clock;
    bool skewed = aws_correct_clock(error, report);

    clock = *report;
    if (!mfa_can_ask(mfa) || tries >= MFA_TRIES) {
        if (skewed)
            report_set(report,
                       "%s; AWS's time is known now: try again with the next "
                       "MFA code",
                       clock.text);
        return false;
    }
    if (skewed) {
        warn_line("%s; going on with AWS's time", clock.text);
        mfa_tell(mfa, "AWS needs another code, with the right time.");
    } else if (aws_error_is_wrong_code(error)) {
        mfa_tell(mfa, report->text);
    } else {
        return false;
    }
    return true;
}

/* One code, sent once. Returns 0, or -1 with error and report filled. */
static int
try_code(struct way *way, struct aws_request *request, struct mfa *mfa,
         struct session *session, struct aws_error *error,
         struct report *report)
{
    struct secret code = {0};
    struct message answer = {0};
    int result = -1;

    *error = (struct aws_error){0};
    switch (mfa_get_code(mfa, way->aws.sender.fd, &code, report)) {
    case MFA_CODE:
        request->token_code = &code;
        result = aws_send(&way->aws, request, &answer, error, report);
        request->token_code = NULL;
        if (result != 0 && !error->sent)
            mfa_give_back(mfa, &code);
        break;
    case MFA_WATCHED:
        aws_receive_early(&way->aws, request, error, report);
        break;
    case MFA_FAILED:
        break;
    }
    if (result == 0)
        result = read_session(&answer, session, report);
    message_free(&answer);
    secret_free(&code);
    return result;
}

/*
 * Steps 4 to 6 for the session with MFA. The connection is opened before the
 * person is asked, and anew for each code.
 */
static enum exit_status
get_mfa_session(struct way *way, struct session *session,
                struct report *report)
{
    struct aws_description description;
    struct aws_error error;
    struct mfa mfa;
    struct aws_request request = {
        .operation = OPERATION_GET_SESSION_TOKEN,
        .endpoint = &way->profile->sts,
        .signer = way->parent.signer,
        .duration = way->profile->duration,
        .serial_number = way->serial,
    };
    enum exit_status status;
    int result = -1;

    status = mfa_check_source(way->options->code, report);
    if (status == EXIT_DONE)
        status = mfa_serial_find(&way->aws, way->profile, &way->parent.signer,
                                 way->parent.id, way->serial, report);
    if (status != EXIT_DONE)
        return status;
    if (aws_describe(&request, &description, report) != 0)
        return EXIT_FAILED;
    debug_log("asking for a code of %s, to sign with %s", way->serial,
              description.access_key_id);
    mfa_begin(&mfa, way->serial, way->options->code);
    for (int tries = 1;; tries++) {
        if (aws_open(&way->aws, &request, description.content_length,
                     report) != 0)
            break;
        result = try_code(way, &request, &mfa, session, &error, report);
        if (result == 0 || !ask_again(&mfa, &error, tries, report))
            break;
    }
    if (result != 0 && aws_error_is_device(&error))
        mfa_serial_forget(way->parent.id);
    mfa_end(&mfa);
    return result == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* One AssumeRole, signed with the session before it; replaces it. */
static int
assume_role(struct way *way, size_t index, struct session *session,
            struct report *report)
{
    const struct role *role = &way->profile->roles[index];
    struct message answer = {0};
    struct aws_error error;
    struct aws_request request = {
        .operation = OPERATION_ASSUME_ROLE,
        .endpoint = &way->profile->sts,
        .signer = {.access_key_id = session->access_key_id.data,
                   .secret_access_key = &session->secret_access_key,
                   .session_token = &session->session_token},
        .duration = role->duration,
        .role = role,
    };
    int result;

    debug_log("assuming %s (profile %s)", role->arn, role->profile);
    result = aws_call(&way->aws, &request, &answer, &error, report);
    if (result == 0)
        result = read_session(&answer, session, report);
    message_free(&answer);
    return result;
}

/* Find the nearest session on the way to the last role's. *done are the roles
 * that it has; without one, none. */
static bool
find_nearest(struct way *way, size_t *done, struct session *session)
{
    for (*done = way->profile->role_count; *done > 0;)
        if (find_cached(way, --*done, session) >= ENOUGH_SECONDS)
            return true;
    return false;
}

/*
 * Steps 4 to 6: from the nearest cached session on, all that is missing. The
 * session before the roles is the one with MFA.
 */
static enum exit_status
get_new(struct way *way, struct session *session, struct report *report)
{
    enum exit_status status;
    size_t done;

    if (!find_nearest(way, &done, session)) {
        status = get_mfa_session(way, session, report);
        if (status != EXIT_DONE)
            return status;
        keep(way, 0, session);
    }
    for (; done < way->profile->role_count; done++) {
        if (assume_role(way, done, session, report) != 0)
            return EXIT_FAILED;
        keep(way, done + 1, session);
    }
    return EXIT_DONE;
}

/* Whether the roles can be assumed anew without a code. */
static bool
is_renewable(struct way *way)
{
    struct session nearest = {0};
    size_t done;
    bool found = find_nearest(way, &done, &nearest);

    session_free(&nearest);
    return found;
}

/* Steps 2 and 3: the keyring, the lock, the keyring again, then a new one. */
static enum exit_status
get_cached_or_new(struct way *way, struct session *session,
                  struct report *report)
{
    size_t roles = way->profile->role_count;
    char id[SESSION_ID_SIZE];
    struct lock lock = LOCK_NONE;
    struct report ignored;
    bool has_source;
    int64_t left;
    enum exit_status status = EXIT_DONE;

    mfa_serial_known(way->profile, way->parent.id, way->serial);
    left = find_cached(way, roles, session);
    if (left >= ENOUGH_SECONDS)
        return EXIT_DONE;
    /* Rather a short one than none, where nobody can be asked. */
    has_source = mfa_check_source(way->options->code, &ignored) == EXIT_DONE;
    if (left >= USABLE_SECONDS && !has_source && !is_renewable(way))
        return EXIT_DONE;
    session_keyring_id(way->profile, way->parent.id, "", 0, id);
    lock_take(&lock, id,
              has_source && way->options->code == NULL ? LOCK_ASKING
                                                       : LOCK_WORKING);
    mfa_serial_known(way->profile, way->parent.id, way->serial);
    if (find_cached(way, roles, session) < ENOUGH_SECONDS)
        status = get_new(way, session, report);
    lock_release(&lock);
    aws_close(&way->aws);
    /* It has become no better: the same again. */
    if (status != EXIT_DONE && !has_source &&
        find_cached(way, roles, session) >= USABLE_SECONDS) {
        debug_log("not renewed: %s", report->text);
        status = EXIT_DONE;
    }
    return status;
}

enum exit_status
session_get(const struct session_options *options, struct profile *profile,
            struct session *session, struct report *report)
{
    struct config config = {0};
    struct profile_options wanted = options->profile;
    struct way way = {
        .options = options, .profile = profile, .aws = AWS_CLOSED(NULL)};
    enum exit_status status = EXIT_FAILED;

    wanted.is_stored = session_parent_is_stored;
    if (policy_load(&way.policy, report) == 0 &&
        config_load(&config, report) == 0 &&
        profile_resolve(profile, &config, &wanted, report) == 0) {
        if (options->without_roles)
            profile_roles_free(profile);
        debug_log("config file %s, credentials file %s",
                  config.config.path != NULL ? config.config.path : "(none)",
                  config.credentials.path != NULL ? config.credentials.path
                                                  : "(none)");
        debug_log("profile %s, region %s, STS at %s, signed for %s",
                  profile->name,
                  profile->region != NULL ? profile->region : "(none)",
                  profile->sts.origin, profile->sts.region);
        way.aws.ca_bundle = profile->ca_bundle;
        if (session_parent_choose(&way.parent, profile, &config, &way.policy,
                                  report) == 0)
            status = get_cached_or_new(&way, session, report);
    }
    config_free(&config);
    return status;
}

void
session_carry_over(const struct profile *profile, const char *serial,
                   const struct session *session)
{
    struct way way = {.profile = profile, .aws = AWS_CLOSED(NULL)};
    struct report ignored;

    if (!session_parent_name_stored(&way.parent, profile) ||
        policy_load(&way.policy, &ignored) != 0)
        return;
    snprintf(way.serial, sizeof(way.serial), "%s", serial);
    if (profile->mfa_serial == NULL && serial[0] != '\0')
        mfa_serial_remember(way.parent.id, serial);
    keep(&way, 0, session);
}
