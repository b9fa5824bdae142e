/*
 * Cases of resolving a profile: what is in files, variables and options, and
 * what comes of it: a summary or a part of the report, in which "~" is the
 * home directory.
 */
#ifndef AWS_SESSION_TESTS_PROFILE_CASE_H
#define AWS_SESSION_TESTS_PROFILE_CASE_H

#include "cli/config/profile.h"

#include "aws_files.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEYS(letter)                                                          \
    "aws_access_key_id = AKIA" letter "\n"                                    \
    "aws_secret_access_key = secret" letter "\n"
#define ROLE(name) "role_arn = arn:aws:iam::123456789012:role/" name "\n"
#define ARN(name) "arn:aws:iam::123456789012:role/" name

/* Four profiles, of which three have keys. */
#define TWO                                                                   \
    "[default]\nregion = us-east-1\n[profile a]\nregion = eu-west-1\n"        \
    "[profile b]\nregion = eu-west-2\n[profile bare]\n",                      \
        "[default]\n" KEYS("D") "[a]\n" KEYS("A") "[b]\n" KEYS("B")
#define IS_A "a region=eu-west-1 credentials:a:AKIAA:secretA"
#define IS_B "b region=eu-west-2 credentials:b:AKIAB:secretB"
#define IS_DEFAULT "default region=us-east-1 credentials:default:AKIAD:secretD"
#define ENV_KEYS "AWS_ACCESS_KEY_ID=AKIAE", "AWS_SECRET_ACCESS_KEY=secretE"
#define A_TO_B "[profile a]\n" ROLE("A") "source_profile = b\n"
#define FROM_B(roles) "a region=- credentials:b:AKIAB:secretB" roles

struct test {
    const char *config, *credentials;
    const char *variables[6]; /* "NAME=VALUE" */
    struct profile_options options;
    const char *expected;
};

static inline bool
b_is_stored(const char *profile)
{
    return strcmp(profile, "b") == 0;
}

static inline void
summarize_roles(const struct profile *profile, char *out, size_t size)
{
    size_t length = strlen(out);

    for (size_t i = 0; i < profile->role_count; i++) {
        const struct role *role = &profile->roles[i];

        length += (size_t)snprintf(
            out + length, size - length, " role:%s:%s:%s:%s:%u", role->profile,
            strrchr(role->arn, '/') + 1,
            strncmp(role->session_name, "aws-session-", 12) == 0
                ? "*"
                : role->session_name,
            role->external_id != NULL ? role->external_id : "-",
            role->duration);
    }
}

/* "NAME region=R SOURCE:BASE:KEYID:SECRET role:..." and what else is set. */
static inline void
summarize(const struct profile *profile, char *out, size_t size)
{
    static const char *const sources[] = {"none", "environment", "credentials",
                                          "config", "stashed"};

    snprintf(out, size, "%s%s region=%s %s:%s", profile->name,
             profile->in_files ? "" : "(not in files)",
             profile->region != NULL ? profile->region : "-",
             sources[profile->parent], profile->base);
    if (profile->parent != PARENT_NONE)
        snprintf(out + strlen(out), size - strlen(out), ":%s:%s",
                 profile->access_key_id,
                 profile->secret.data != NULL ? profile->secret.data : "-");
    summarize_roles(profile, out, size);
    if (profile->mfa_serial != NULL)
        snprintf(out + strlen(out), size - strlen(out), " mfa=%s",
                 profile->mfa_serial);
    if (profile->mfa_process != NULL)
        snprintf(out + strlen(out), size - strlen(out), " process=%s of %s",
                 profile->mfa_process, profile->mfa_process_place);
    if (profile->duration != DURATION_DEFAULT)
        snprintf(out + strlen(out), size - strlen(out), " duration=%u",
                 profile->duration);
    if (profile->ca_bundle != NULL)
        snprintf(out + strlen(out), size - strlen(out), " ca=%s",
                 profile->ca_bundle);
}

static inline void
resolve(const struct test *test, char *out, size_t size)
{
    struct profile profile = {0};
    struct config config;
    struct report report = {""};

    clearenv();
    setenv("HOME", aws_home, 1);
    for (size_t i = 0; test->variables[i] != NULL; i++)
        assert_int_equal(putenv((char *)(uintptr_t)test->variables[i]), 0);
    aws_files_write(".aws/config", test->config);
    aws_files_write(".aws/credentials", test->credentials);
    if (config_load(&config, &report) == 0 &&
        profile_resolve(&profile, &config, &test->options, &report) == 0)
        summarize(&profile, out, size);
    else
        snprintf(out, size, "%s", report.text);
    /* Copies, not pointers: the profile outlives the configuration. */
    config_free(&config);
    profile_free(&profile);
    aws_files_shorten(out);
}

static inline void
assert_resolved(const struct test *tests, size_t count)
{
    char found[2048];

    for (size_t i = 0; i < count; i++) {
        resolve(&tests[i], found, sizeof(found));
        assert_string_equal(found, tests[i].expected);
    }
}

static inline void
assert_refused(const struct test *tests, size_t count)
{
    char found[2048];

    for (size_t i = 0; i < count; i++) {
        resolve(&tests[i], found, sizeof(found));
        assert_report(found, tests[i].expected);
    }
}

#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)

#endif
