/*
 * Checks of the access key, the way to AWS, and the clock. Part of
 * aws-session.
 */
#include "aws_error.h"
#include "clock.h"
#include "doctor_checks.h"
#include "duration.h"
#include "keys/known_key.h"
#include "status.h"

#include <stdlib.h>
#include <string.h>

enum { OFF_WARNING = 60, OFF_PROBLEM = 300 /* seconds */ };

static const char set_clock[] = "sudo timedatectl set-ntp true";

static void
describe_key(struct doctor *doctor)
{
    const struct profile *profile = &doctor->profile;
    struct known_key key = {.protection = 0};
    char left[DURATION_SIZE] = "none";

    if (doctor->left > 0)
        duration_format(doctor->left, left);
    if (doctor->parent.signer.stored_profile == NULL) {
        doctor_ok(doctor, "%s in the %s; session: %s", profile->access_key_id,
                  session_parent_source(profile->parent), left);
        return;
    }
    known_key_describe(&key, profile->base);
    if (key.protection == 0)
        report_set(doctor_problem(doctor,
                                  "the stored key of profile %.200s: "
                                  "%s",
                                  profile->base, key.readers),
                   "aws-session add --force '%.200s'", profile->base);
    else
        doctor_ok(doctor, "%s in the keyring, %s; session: %s",
                  key.id[0] != '\0' ? key.id : "of unknown id",
                  key.protection == PROTECTION_SERVICE ? "protected"
                                                       : "not protected",
                  left);
    doctor->has_key = key.protection != 0;
}

void
doctor_check_key(struct doctor *doctor)
{
    const struct profile *profile = &doctor->profile;
    struct report report;

    if (!doctor->has_profile)
        return;
    doctor->has_key = session_parent_choose(&doctor->parent, profile,
                                            &doctor->config, &doctor->policy,
                                            &report) == 0;
    if (doctor->has_key) {
        doctor->left = status_find_session(profile, &doctor->parent,
                                           doctor->policy.cache_scope,
                                           &doctor->session);
        describe_key(doctor);
    } else if (profile->parent == PARENT_NONE) {
        /* As on every machine before the first key, and after a reboot. */
        report_set(doctor_warning(doctor, "%s", report.text),
                   "aws-session add '%.200s'", profile->base);
    } else {
        report_set(doctor_problem(doctor, "%s", report.text),
                   "aws-session import '%.200s'", profile->base);
    }
}

struct aws_signer
doctor_choose_signer(const struct doctor *doctor, bool may_be_session)
{
    const struct session *session = &doctor->session;

    if (doctor->left == 0 || !may_be_session)
        return doctor->parent.signer;
    return (struct aws_signer){
        .access_key_id = session->access_key_id.data,
        .secret_access_key = &session->secret_access_key,
        .session_token = &session->session_token};
}

static void
suggest(struct report *remedy, const struct doctor *doctor,
        const struct aws_error *error)
{
    const struct profile *profile = &doctor->profile;

    switch (error->kind) {
    case STS_ERROR_UNREACHABLE:
    case STS_ERROR_TLS:
    case STS_ERROR_BAD_ANSWER:
        report_set(remedy, "curl -v %s/ shows more", profile->sts.origin);
        return;
    case STS_ERROR_TIMEOUT:
    case STS_ERROR_CLOSED:
    case STS_ERROR_THROTTLED:
    case STS_ERROR_SERVER:
        report_set(remedy, "try again: aws-session doctor");
        return;
    case STS_ERROR_AWS:
        if (doctor->left > 0)
            report_set(remedy, "aws-session clear");
        else if (profile->parent == PARENT_NONE)
            report_set(remedy, "aws-session add --force '%.200s'",
                       profile->base);
        else
            report_set(remedy, "correct the key in the %s",
                       session_parent_source(profile->parent));
        return;
    case STS_ERROR_LOCAL:
        break;
    }
    report_set(remedy, "aws-session --debug doctor shows more");
}

/* Ask AWS who signs. The clock is corrected in silence: its check tells. */
static int
get_identity(struct doctor *doctor, struct message *answer,
             struct aws_error *error, struct report *report)
{
    const struct aws_request request = {
        .operation = OPERATION_GET_CALLER_IDENTITY,
        .endpoint = &doctor->profile.sts,
        .signer = doctor_choose_signer(doctor, true)};
    struct aws aws = AWS_CLOSED(doctor->profile.ca_bundle);
    struct report clock;
    int result = aws_call_once(&aws, &request, answer, error, report);

    if (result != 0 && aws_correct_clock(error, &clock))
        result = aws_call_once(&aws, &request, answer, error, report);
    aws_close(&aws);
    return result;
}

/* By how many seconds this machine's clock is slow, by AWS's date. */
static long long
clock_slow(const struct doctor *doctor)
{
    return (long long)(doctor->server_date - (clock_now() - clock_offset()));
}

void
doctor_check_endpoint(struct doctor *doctor)
{
    struct message answer = {0};
    struct aws_error error = {0};
    struct report report;

    if (!doctor->has_key) {
        report_set(doctor_warning(doctor,
                                  "not tried, for want of a key: whether AWS "
                                  "can be reached, and the clock"),
                   "aws-session doctor again, when there is one");
        return;
    }
    doctor->reached = get_identity(doctor, &answer, &error, &report) == 0;
    if (doctor->reached) {
        doctor->server_date = message_number(&answer, FIELD_SERVER_DATE, 0);
        (void)message_text(&answer, FIELD_ARN, doctor->arn,
                           sizeof(doctor->arn));
        doctor_ok(doctor, "%s answers: you are %s", doctor->profile.sts.origin,
                  doctor->arn);
    } else {
        doctor->server_date = error.server_date;
        /* A clock that is off too far is told of by its own check. */
        if (!aws_error_is_clock(&error) || doctor->server_date == 0 ||
            llabs(clock_slow(doctor)) < OFF_PROBLEM)
            suggest(doctor_problem(doctor, "%s", report.text), doctor, &error);
    }
    message_free(&answer);
}

void
doctor_check_clock(struct doctor *doctor)
{
    long long slow = clock_slow(doctor), off = llabs(slow);
    const char *way = slow > 0 ? "slow" : "fast";

    if (doctor->server_date == 0) {
        if (doctor->reached)
            doctor_ok(doctor, "cannot be compared: no date in AWS's answer");
        return;
    }
    if (off <= OFF_WARNING)
        doctor_ok(doctor, "off by %lld s", off);
    else if (off < OFF_PROBLEM)
        report_set(doctor_warning(doctor, "%lld s %s", off, way), "%s",
                   set_clock);
    else
        report_set(doctor_problem(doctor,
                                  "%lld s %s: AWS refuses what is signed with "
                                  "it",
                                  off, way),
                   "%s", set_clock);
}
