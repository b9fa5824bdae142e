/*
 * Looking for what is wrong: what aws-session doctor shows.
 *
 * Part of aws-session. Asks nobody, changes nothing that lasts; what leaves
 * the machine is GetCallerIdentity and ListMFADevices. A finding never holds a
 * secret.
 */
#ifndef AWS_SESSION_DOCTOR_H
#define AWS_SESSION_DOCTOR_H

#include "policy.h"
#include "session.h"
#include "session_parent.h"

enum { FINDINGS_MAX = 128 };

enum finding_level { FINDING_OK, FINDING_WARNING, FINDING_PROBLEM };

struct finding {
    const char *check; /* the name of the check */
    enum finding_level level;
    struct report what;
    struct report remedy; /* a command, or a file and line; "" if ok */
};

struct doctor {
    const struct session_options *options;
    struct finding findings[FINDINGS_MAX];
    size_t count;
    const char *check; /* the one that runs */

    /* What one check finds out and later ones use. */
    struct policy policy; /* the defaults if it cannot be used */
    struct config config;
    bool has_config;
    struct profile profile;
    bool has_profile;
    struct session_parent parent; /* the key that signs */
    bool has_key;
    struct session session;
    int64_t left;        /* seconds of it; 0: none */
    bool reached;        /* AWS answered, and knows who we are */
    int64_t server_date; /* of AWS's last answer, 0 if unknown */
    char arn[2049];
};

/*
 * Run all checks. All zero before; freed by doctor_free.
 */
void doctor_run(struct doctor *doctor, const struct session_options *options);

void doctor_free(struct doctor *doctor);

/* "ok", "warning" or "problem". */
const char *doctor_level_name(enum finding_level level);

/* How many findings are of a level. */
size_t doctor_count(const struct doctor *doctor, enum finding_level level);

/*
 * For the checks: add a finding, from a printf format. The caller fills the
 * report that is returned with the remedy.
 */
void doctor_ok(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct report *doctor_warning(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
struct report *doctor_problem(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));

#endif
