/*
 * The way of one session: see session.h. Part of aws-session.
 */
#include "session.h"

#include "change_mark.h"
#include "clock.h"
#include "config/profile_roles.h"
#include "debug.h"
#include "duration.h"
#include "lock.h"
#include "mfa/mfa.h"
#include "session_aws.h"
#include "session_kept.h"
#include "session_keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A session with less left is renewed, if there is somebody to ask. */
enum { ENOUGH_SECONDS = 300, USABLE_SECONDS = 30 };

/* Find the nearest session on the way to the last role's. *done are the roles
 * that it has; without one, none. */
static bool
find_nearest(struct session_way *way, size_t *done, struct session *session)
{
    for (*done = way->profile->role_count; *done > 0;)
        if (session_kept_find(way, --*done, session) >= ENOUGH_SECONDS)
            return true;
    return false;
}

/*
 * Steps 4 to 6: from the nearest cached session on, all that is missing. The
 * session before the roles is the one with MFA.
 */
static enum exit_status
get_new(struct session_way *way, struct session *session,
        struct report *report)
{
    enum exit_status status;
    size_t done;

    if (way->options->renew || !find_nearest(way, &done, session)) {
        done = 0;
        status = session_aws_mfa(way, session, report);
        if (status != EXIT_DONE)
            return status;
        way->is_new = true;
        session_kept_store(way, 0, session);
    }
    for (; done < way->profile->role_count; done++) {
        if (session_aws_role(way, done, session, report) != 0)
            return EXIT_FAILED;
        session_kept_store(way, done + 1, session);
    }
    return EXIT_DONE;
}

/* Whether the roles can be assumed anew without a code. */
static bool
is_renewable(struct session_way *way)
{
    struct session nearest = {0};
    size_t done;
    bool found = find_nearest(way, &done, &nearest);

    session_free(&nearest);
    return found;
}

/* Look for the kept session of all roles. Returns the seconds it has left: 0
 * also if it is not newer than it has to be. */
static int64_t
find_whole(struct session_way *way, struct session *session)
{
    int64_t left = session_kept_find(way, way->profile->role_count, session);

    return left > 0 && session->expiration > way->after ? left : 0;
}

/* With --cached. */
static enum exit_status
get_cached(struct session_way *way, struct session *session,
           struct report *report)
{
    if (find_whole(way, session) >= way->usable)
        return EXIT_DONE;
    report_set(report,
               "profile %.100s has no kept session%s, and with --cached "
               "nobody is asked for a code",
               way->profile->name,
               way->options->min_remaining != 0 ? " with that much left" : "");
    return EXIT_NOBODY_ASKED;
}

/* Step 3: one of us at a time gets a new session. */
static enum exit_status
get_locked(struct session_way *way, bool has_source, struct session *session,
           struct report *report)
{
    const struct session_options *options = way->options;
    char id[SESSION_ID_SIZE];
    struct lock lock = LOCK_NONE;
    enum exit_status status = EXIT_DONE;

    session_keyring_id(way->profile, way->parent.id, "", 0, id);
    lock_take(&lock, id,
              has_source && mfa_source_needs_person(&way->source)
                  ? LOCK_ASKING
                  : LOCK_WORKING);
    mfa_serial_known(way->profile, way->parent.id, way->serial);
    if (options->renew || find_whole(way, session) < way->enough)
        status = get_new(way, session, report);
    lock_release(&lock);
    aws_close(&way->aws);
    return status;
}

/* Steps 2 and 3: the keyring, the lock, the keyring again, then a new one. */
static enum exit_status
get_cached_or_new(struct session_way *way, struct session *session,
                  struct report *report)
{
    bool renew = way->options->renew, has_source;
    struct report ignored;
    int64_t left, least;
    enum exit_status status;

    left = renew ? 0 : find_whole(way, session);
    if (left >= way->enough)
        return EXIT_DONE;
    /* Rather a short one than none, where nobody can be asked. */
    has_source = mfa_source_check(&way->source, &ignored) == EXIT_DONE;
    if (left >= way->usable && !has_source && !is_renewable(way))
        return EXIT_DONE;
    status = get_locked(way, has_source, session, report);
    /* It has become no better: the same again. */
    least = has_source && way->usable < ENOUGH_SECONDS ? ENOUGH_SECONDS
                                                       : way->usable;
    if (status != EXIT_DONE && !renew && find_whole(way, session) >= least) {
        debug_log("not renewed: %s", report->text);
        status = EXIT_DONE;
    }
    return status;
}

static enum exit_status
get(struct session_way *way, struct session *session, struct report *report)
{
    mfa_serial_known(way->profile, way->parent.id, way->serial);
    if (way->options->cached)
        return get_cached(way, session, report);
    return get_cached_or_new(way, session, report);
}

/*
 * A key that came by the environment, for what runs inside: it lives as long
 * as the sessions that are made with it. Where sessions are not kept, nor is
 * it.
 */
static void
stash(const struct session_way *way, struct profile *profile)
{
    if (profile->parent == PARENT_ENVIRONMENT && !way->options->outside &&
        way->policy.cache_scope == CACHE_USER)
        profile->stashed = stash_keep(profile, way->is_new);
}

/* AWS may give less than it was asked for, as to a root user. A new session
 * has lost some seconds when it is here. */
static enum exit_status
check_life(const struct session_way *way, const struct session *session,
           struct report *report)
{
    int64_t left = session->expiration - clock_now();
    char text[DURATION_SIZE];

    if (left + USABLE_SECONDS >= way->options->min_remaining)
        return EXIT_DONE;
    duration_format(left, text);
    report_set(report,
               "AWS gave profile %.100s a session of %s only, less than "
               "--min-remaining",
               way->profile->name, text);
    return EXIT_FAILED;
}

/* How long a new session of the profile lives, in seconds. */
static unsigned
life_of_new(const struct profile *profile)
{
    unsigned role = profile->role_count > 0
                        ? profile->roles[profile->role_count - 1].duration
                        : 0;

    if (profile->role_count == 0)
        return profile->duration;
    return role != 0 ? role : DURATION_ROLE_DEFAULT;
}

/* What a kept session must have. */
static enum exit_status
set_demands(struct session_way *way, struct report *report)
{
    const struct session_options *options = way->options;
    const char *own = getenv("AWS_SESSION_PROFILE");
    const char *expires = getenv("AWS_SESSION_EXPIRES");
    unsigned life = life_of_new(way->profile);
    unsigned wanted = options->wanted_remaining;
    char text[DURATION_SIZE];

    if (options->min_remaining > life) {
        duration_format(life, text);
        report_set(report,
                   "--min-remaining: a new session of profile %.100s has no "
                   "more than %s: ask for less, or for a longer one with "
                   "--session-duration",
                   way->profile->name, text);
        return EXIT_USAGE;
    }
    if (wanted == 0)
        wanted = ENOUGH_SECONDS;
    /* A new one must be enough for some time. */
    way->enough = wanted < life / 2 ? wanted : life / 2;
    way->usable = USABLE_SECONDS;
    if (options->min_remaining != 0)
        way->enough = way->usable = options->min_remaining;
    if (options->newer && own != NULL && expires != NULL &&
        strcmp(own, way->profile->name) == 0)
        way->after = strtoll(expires, NULL, 10);
    return EXIT_DONE;
}

/* A profile that is asked for by name and is nowhere has no key either. */
static bool
is_known(const struct config *config, const struct profile_options *wanted)
{
    return wanted->profile == NULL ||
           config_has_profile(config, wanted->profile) ||
           wanted->is_stored(wanted->profile);
}

/* Step 1, but for the key. */
static enum exit_status
resolve(struct session_way *way, struct profile *profile,
        struct config *config, struct report *report)
{
    struct profile_options wanted = way->options->profile;

    wanted.is_stored = session_parent_is_stored;
    change_mark_look();
    if (policy_load(&way->policy, report) != 0 ||
        config_load(config, report) != 0)
        return EXIT_FAILED;
    if (profile_resolve(profile, config, &wanted, report) != 0)
        return is_known(config, &wanted) ? EXIT_FAILED : EXIT_NO_KEY;
    if (way->options->without_roles)
        profile_roles_free(profile);
    debug_log("config file %s, credentials file %s",
              config->config.path != NULL ? config->config.path : "(none)",
              config->credentials.path != NULL ? config->credentials.path
                                               : "(none)");
    debug_log("profile %s, region %s, STS at %s, signed for %s", profile->name,
              profile->region != NULL ? profile->region : "(none)",
              profile->sts.origin, profile->sts.region);
    way->aws.ca_bundle = profile->ca_bundle;
    way->source.process = profile->mfa_process;
    way->source.process_place = profile->mfa_process_place;
    return EXIT_DONE;
}

enum exit_status
session_get(const struct session_options *options, struct profile *profile,
            struct session *session, struct report *report)
{
    struct config config = {0};
    struct session_way way = {
        .options = options, .profile = profile, .aws = AWS_CLOSED(NULL)};
    enum exit_status status;

    status = mfa_source_begin(&way.source, options->code, report) == 0
                 ? resolve(&way, profile, &config, report)
                 : EXIT_FAILED;
    if (status == EXIT_DONE)
        status = set_demands(&way, report);
    if (status == EXIT_DONE)
        status = session_parent_choose(&way.parent, profile, &config,
                                       &way.policy, report);
    if (status == EXIT_DONE)
        status = get(&way, session, report);
    if (status == EXIT_FAILED && way.aws.failure != EXIT_DONE)
        status = way.aws.failure;
    if (status == EXIT_DONE)
        status = check_life(&way, session, report);
    if (status == EXIT_DONE)
        stash(&way, profile);
    config_free(&config);
    mfa_source_end(&way.source);
    return status;
}

enum exit_status
session_find(const struct session_options *options, struct profile *profile,
             struct session *session, bool *cleared, struct report *report)
{
    struct config config = {0};
    struct session_way way = {
        .options = options, .profile = profile, .aws = AWS_CLOSED(NULL)};
    struct report ignored;
    enum exit_status status;

    *cleared = false;
    status = resolve(&way, profile, &config, report);
    if (status == EXIT_DONE)
        status = set_demands(&way, report);
    /* Without a key there is no session; it may have been cleared with it. */
    if (status == EXIT_DONE &&
        session_parent_choose(&way.parent, profile, &config, &way.policy,
                              &ignored) == EXIT_DONE) {
        mfa_serial_known(profile, way.parent.id, way.serial);
        if (find_whole(&way, session) < way.usable)
            session_free(session);
        else
            stash(&way, profile);
    }
    if (status == EXIT_DONE && session->access_key_id.data == NULL)
        *cleared = session_keyring_was_cleared(
            session_kept_profile(&way, profile->role_count));
    config_free(&config);
    return status;
}

void
session_carry_over(const struct profile *profile, const char *serial,
                   const struct session *session)
{
    struct session_way way = {.profile = profile, .aws = AWS_CLOSED(NULL)};
    struct report ignored;

    if (!session_parent_name_stored(&way.parent, profile) ||
        policy_load(&way.policy, &ignored) != 0)
        return;
    snprintf(way.serial, sizeof(way.serial), "%s", serial);
    if (profile->mfa_serial == NULL && serial[0] != '\0')
        mfa_serial_remember(way.parent.id, serial);
    session_kept_store(&way, 0, session);
}
