/*
 * Helper processes that do not behave (src/cli/helper.c).
 */
#include "cli/helper.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Run a script as a helper and wait for its answer: what the report says, and
 * the seconds until the process is gone. */
static time_t
ask_script(const char *script, int timeout_ms, struct report *report)
{
    char path[] = "/tmp/aws-session-test-helper.XXXXXX";
    struct helper helper = HELPER_NONE;
    struct message answer = {0};
    time_t begin = time(NULL);
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), strlen(script));
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    assert_int_equal(helper_start(&helper, path, report), 0);
    assert_int_equal(helper_receive(&helper, &answer,
                                    MESSAGE_BIT(MESSAGE_SIGN_REFUSED),
                                    timeout_ms, report),
                     -1);
    unlink(path);
    helper_stop(&helper);
    assert_int_equal(helper.pid, 0);
    return time(NULL) - begin;
}

static void
one_that_hangs_does_not_hang_us(void **state)
{
    struct report report;

    (void)state;
    assert_true(ask_script("#!/bin/sh\nexec sleep 30\n", 50, &report) < 10);
    assert_non_null(strstr(report.text, "no answer in time"));
}

static void
one_that_ends_is_named(void **state)
{
    struct report report;

    (void)state;
    ask_script("#!/bin/sh\nexit 3\n", 20000, &report);
    assert_non_null(strstr(report.text, "aws-session-test-helper"));
    assert_non_null(strstr(report.text, "failed: the other side closed"));
}

/* Start one that would stay, tell its number, and be killed. */
static _Noreturn void
be_killed(const char *path, int fd)
{
    struct helper helper = HELPER_NONE;
    struct report report;

    if (helper_start(&helper, path, &report) == 0)
        (void)!write(fd, &helper.pid, sizeof(helper.pid));
    for (;;)
        pause();
}

static void
one_does_not_outlive_us(void **state)
{
    char path[] = "/tmp/aws-session-test-helper.XXXXXX";
    static const char script[] = "#!/bin/sh\nexec sleep 60\n";
    int file = mkstemp(path), fds[2], status;
    pid_t child, helper;

    (void)state;
    assert_int_equal(write(file, script, sizeof(script) - 1),
                     sizeof(script) - 1);
    assert_int_equal(fchmod(file, 0700), 0);
    close(file);
    assert_int_equal(pipe(fds), 0);
    /* So that it becomes ours, and says how it ended. */
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    child = fork();
    if (child == 0)
        be_killed(path, fds[1]);
    assert_int_equal(read(fds[0], &helper, sizeof(helper)), sizeof(helper));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(waitpid(helper, &status, 0), helper);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL
                                    : WEXITSTATUS(status) == 125);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    close(fds[0]);
    close(fds[1]);
    unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_hangs_does_not_hang_us),
        cmocka_unit_test(one_that_ends_is_named),
        cmocka_unit_test(one_does_not_outlive_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
