/*
 * The table of checks, and what they find: see doctor.h. Part of aws-session.
 */
#include "doctor.h"

#include "doctor_checks.h"

#include <stdarg.h>
#include <stdio.h>

/* What a check needs is found out by one that stands before it. */
static const struct check {
    const char *name;
    void (*run)(struct doctor *doctor);
} checks[] = {
    {"programs", doctor_check_programs},
    {"signer", doctor_check_signer},
    {"process", doctor_check_process},
    {"policy", doctor_check_policy},
    {"keyring", doctor_check_keyring},
    {"login keyring", doctor_check_login},
    {"key limits", doctor_check_limits},
    {"key quota", doctor_check_quota},
    {"login shell", doctor_check_login_shell},
    {"real shell", doctor_check_real_shell},
    {"PAM", doctor_check_pam},
    {"AWS files", doctor_check_files},
    {"credentials", doctor_check_credentials},
    {"settings", doctor_check_settings},
    {"environment", doctor_check_environment},
    {"profile", doctor_check_profile},
    {"access key", doctor_check_key},
    {"AWS", doctor_check_endpoint},
    {"clock", doctor_check_clock},
    {"MFA device", doctor_check_mfa},
};

void
doctor_run(struct doctor *doctor, const struct session_options *options)
{
    doctor->options = options;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        doctor->check = checks[i].name;
        checks[i].run(doctor);
    }
}

void
doctor_free(struct doctor *doctor)
{
    session_free(&doctor->session);
    profile_free(&doctor->profile);
    config_free(&doctor->config);
}

const char *
doctor_level_name(enum finding_level level)
{
    static const char *const names[] = {[FINDING_OK] = "ok",
                                        [FINDING_WARNING] = "warning",
                                        [FINDING_PROBLEM] = "problem"};

    return names[level];
}

size_t
doctor_count(const struct doctor *doctor, enum finding_level level)
{
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        count += doctor->findings[i].level == level;
    return count;
}

/* When there is no room the last one gives way: by then there is plenty to
 * do, and the level must not get lost. */
static struct finding *
add(struct doctor *doctor, enum finding_level level, const char *format,
    va_list args)
{
    struct finding *finding;
    enum finding_level former = FINDING_OK;

    if (doctor->count < FINDINGS_MAX)
        doctor->count++;
    else
        former = doctor->findings[FINDINGS_MAX - 1].level;
    finding = &doctor->findings[doctor->count - 1];
    *finding = (struct finding){.check = doctor->check,
                                .level = level > former ? level : former};
    vsnprintf(finding->what.text, sizeof(finding->what.text), format, args);
    report_clean(finding->what.text);
    return finding;
}

void
doctor_ok(struct doctor *doctor, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)add(doctor, FINDING_OK, format, args);
    va_end(args);
}

struct report *
doctor_warning(struct doctor *doctor, const char *format, ...)
{
    struct finding *finding;
    va_list args;

    va_start(args, format);
    finding = add(doctor, FINDING_WARNING, format, args);
    va_end(args);
    return &finding->remedy;
}

struct report *
doctor_problem(struct doctor *doctor, const char *format, ...)
{
    struct finding *finding;
    va_list args;

    va_start(args, format);
    finding = add(doctor, FINDING_PROBLEM, format, args);
    va_end(args);
    return &finding->remedy;
}
