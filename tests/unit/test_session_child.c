/*
 * Sessions from a child process (src/cli/session_child.c): what it hands over,
 * and children that do not behave.
 */
#include "cli/deadline.h"
#include "cli/helper.h"
#include "cli/session_child.h"
#include "cli/login/user_ids.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* No helper is started here. */
const char sign_path[] = "", sts_path[] = "", runas_path[] = "";

static struct profile profile;
static struct session session;
static struct report report;

static int
forget(void **state)
{
    (void)state;
    profile_free(&profile);
    session_free(&session);
    report.text[0] = '\0';
    return 0;
}

/* What a child does instead of session_get. */
#define CHILD(name)                                                           \
    static enum exit_status name(                                             \
        const struct session_options *options, struct profile *child_profile, \
        struct session *child_session, struct report *child_report)

static void
fill(struct profile *child_profile, struct session *child_session)
{
    child_profile->name = strdup("work");
    child_profile->region = strdup("eu-west-1");
    child_profile->in_files = true;
    child_session->expiration = 1234567890;
    assert_int_equal(secret_set(&child_session->access_key_id, "ASIA", 4), 0);
    assert_int_equal(secret_set(&child_session->secret_access_key, "s", 1), 0);
    assert_int_equal(secret_set(&child_session->session_token, "t", 1), 0);
}

CHILD(gets_one)
{
    (void)options, (void)child_report;
    fill(child_profile, child_session);
    return EXIT_DONE;
}

CHILD(gets_the_code)
{
    (void)child_report;
    fill(child_profile, child_session);
    free(child_profile->name);
    child_profile->name = strdup(options->code);
    return EXIT_DONE;
}

CHILD(is_refused)
{
    (void)options, (void)child_profile, (void)child_session;
    report_set(child_report, "a wrong code\033[2J");
    return EXIT_WRONG_CODE;
}

CHILD(hangs)
{
    (void)options, (void)child_profile, (void)child_session;
    (void)child_report;
    for (;;)
        pause();
    return EXIT_FAILED;
}

CHILD(asks_for_long)
{
    const struct timespec longer = {.tv_sec = 1, .tv_nsec = 200000000};

    (void)options, (void)child_report;
    deadline_hold();
    nanosleep(&longer, NULL);
    deadline_resume();
    fill(child_profile, child_session);
    return EXIT_DONE;
}

CHILD(asks_and_hangs)
{
    deadline_hold();
    deadline_resume();
    return hangs(options, child_profile, child_session, child_report);
}

CHILD(is_interrupted)
{
    (void)options, (void)child_profile, (void)child_session;
    (void)child_report;
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
    return EXIT_FAILED;
}

CHILD(is_killed)
{
    (void)options, (void)child_profile, (void)child_session;
    (void)child_report;
    raise(SIGKILL);
    return EXIT_FAILED;
}

CHILD(ends)
{
    (void)options, (void)child_profile, (void)child_session;
    (void)child_report;
    _exit(0);
}

static enum exit_status
get(struct session_child child)
{
    const struct session_options options = {.code = "271828"};

    return session_child_get(&child, &options, &profile, &session, &report);
}

static void
hands_all_over(void **state)
{
    (void)state;
    assert_int_equal(get((struct session_child){.get = gets_one}), EXIT_DONE);
    assert_string_equal(profile.name, "work");
    assert_string_equal(profile.region, "eu-west-1");
    assert_true(profile.in_files);
    assert_string_equal(session.access_key_id.data, "ASIA");
    assert_string_equal(session.secret_access_key.data, "s");
    assert_string_equal(session.session_token.data, "t");
    assert_int_equal(session.expiration, 1234567890);
}

static void
passes_the_options_on(void **state)
{
    (void)state;
    assert_int_equal(get((struct session_child){.get = gets_the_code}),
                     EXIT_DONE);
    assert_string_equal(profile.name, "271828");
}

static void
hands_a_failure_over(void **state)
{
    (void)state;
    assert_int_equal(get((struct session_child){.get = is_refused}),
                     EXIT_WRONG_CODE);
    assert_string_equal(report.text, "a wrong code?[2J");
}

static void
ends_one_that_takes_too_long(void **state)
{
    (void)state;
    assert_int_equal(get((struct session_child){.get = hangs, .seconds = 1}),
                     EXIT_FAILED);
    assert_string_equal(report.text, "no session within 1 seconds");
    assert_int_equal(
        get((struct session_child){.get = asks_and_hangs, .seconds = 1}),
        EXIT_FAILED);
}

static void
does_not_count_a_persons_time(void **state)
{
    (void)state;
    assert_int_equal(
        get((struct session_child){.get = asks_for_long, .seconds = 1}),
        EXIT_DONE);
}

static void
survives_the_end_of_the_child(void **state)
{
    (void)state;
    assert_int_equal(get((struct session_child){.get = is_interrupted}),
                     EXIT_FAILED);
    assert_string_equal(report.text, "no MFA code was given");
    assert_int_equal(get((struct session_child){.get = is_killed}),
                     EXIT_FAILED);
    assert_non_null(strstr(report.text, "ended by signal 9"));
    assert_int_equal(get((struct session_child){.get = ends}), EXIT_FAILED);
    assert_non_null(strstr(report.text, "has failed"));
}

/* Whatever fs.suid_dumpable says. Here no id changes, so that nothing but we
 * sets it. */
static void
nobody_looks_into_a_process_that_dropped_its_ids(void **state)
{
    int status = -1;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 ||
              user_ids_drop(getuid(), getgid()) != 0 ||
              prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(hands_all_over, forget),
        cmocka_unit_test_teardown(passes_the_options_on, forget),
        cmocka_unit_test_teardown(hands_a_failure_over, forget),
        cmocka_unit_test_teardown(ends_one_that_takes_too_long, forget),
        cmocka_unit_test_teardown(does_not_count_a_persons_time, forget),
        cmocka_unit_test_teardown(survives_the_end_of_the_child, forget),
        cmocka_unit_test(nobody_looks_into_a_process_that_dropped_its_ids),
    };

    /* No terminal, where the end of the child would be shown. */
    (void)setsid();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
