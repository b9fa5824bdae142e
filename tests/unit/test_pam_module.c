/*
 * The parts of the PAM module (pam/module_*.c), which a host loads without
 * sanitizers: here they have them.
 */
#include "module_child.h"
#include "module_logins.h"
#include "module_options.h"
#include "module_outcome.h"
#include "module_variables.h"

#include "cli/exit_status.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/aws-session-test-pam.XXXXXX";
static pam_handle_t *handle;

static int
converse(int count, const struct pam_message **messages,
         struct pam_response **answers, void *unused)
{
    (void)count, (void)messages, (void)answers, (void)unused;
    return PAM_CONV_ERR;
}

/* --- options ---------------------------------------------------------------
 */

static int
parse(struct module_options *options, const char *argument)
{
    return module_options_parse(options, handle, 1, &argument);
}

static void
options_have_defaults(void **state)
{
    struct module_options options;

    (void)state;
    assert_int_equal(module_options_parse(&options, handle, 0, NULL), 0);
    assert_null(options.profile);
    assert_string_equal(options.prompt, "AWS MFA code: ");
    assert_int_equal(options.timeout, 20);
    assert_int_equal(options.min_uid, 1000);
    assert_false(options.cached_ok || options.nullok || options.export_env ||
                 options.clear_on_last || options.debug);
}

static void
options_are_taken(void **state)
{
    const char *arguments[] = {
        "cached_ok",  "debug",    "export_env",  "min_uid=0",
        "nullok",     "prompt=x", "profile=a=b", "on_last_logout=clear",
        "timeout=600"};
    struct module_options options;

    (void)state;
    assert_int_equal(module_options_parse(&options, handle, 9, arguments), 0);
    assert_string_equal(options.profile, "a=b");
    assert_string_equal(options.prompt, "x");
    assert_int_equal(options.timeout, 600);
    assert_int_equal(options.min_uid, 0);
    assert_true(options.cached_ok && options.nullok && options.export_env &&
                options.clear_on_last && options.debug);
}

static void
wrong_options_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "nullok ",
                                        "Nullok",
                                        "nullok=",
                                        "timeout",
                                        "timeout= 1",
                                        "timeout=0x1",
                                        "timeout=601",
                                        "min_uid=",
                                        "min_uid=-1",
                                        "min_uid=1e3",
                                        "profile=",
                                        "prompt=",
                                        "=",
                                        "on_last_logout=",
                                        "on_last_logout=Clear",
                                        "min_uid=4294967295"};
    struct module_options options;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(parse(&options, wrong[i]), PAM_SERVICE_ERR);
}

/* --- outcomes --------------------------------------------------------------
 */

static void
every_status_has_an_outcome(void **state)
{
    (void)state;
    for (int status = -10; status < 256; status++) {
        const struct outcome *outcome = outcome_find(status);

        assert_non_null(outcome);
        assert_int_equal(outcome->code == PAM_SUCCESS, status == 0);
        assert_int_equal(outcome->sentence == NULL, status == 0);
    }
}

/* A row each of the table, and what is in no row: the program is not ours. */
static void
outcomes_are_these(void **state)
{
    static const struct {
        int status, code;
    } rows[] = {
        {0, PAM_SUCCESS},
        {EXIT_NO_KEY, PAM_USER_UNKNOWN},
        {EXIT_WRONG_CODE, PAM_AUTH_ERR},
        {EXIT_UNREACHABLE, PAM_AUTHINFO_UNAVAIL},
        {EXIT_NOBODY_ASKED, PAM_PERM_DENIED},
        {EXIT_FAILED, PAM_CRED_INSUFFICIENT},
        {CHILD_TIMED_OUT, PAM_AUTHINFO_UNAVAIL},
        {CHILD_KILLED, PAM_SYSTEM_ERR},
        {CHILD_NO_PROCESS, PAM_SYSTEM_ERR},
        {EXIT_USAGE, PAM_SYSTEM_ERR},
        {EXIT_NOT_EXECUTABLE, PAM_SYSTEM_ERR},
        {EXIT_NOT_FOUND, PAM_SYSTEM_ERR},
        {1, PAM_SYSTEM_ERR},
        {255, PAM_SYSTEM_ERR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(outcome_find(rows[i].status)->code, rows[i].code);
}

/* --- no memory -------------------------------------------------------------
 */

/* The linker puts these in the place of the C library's, in our files. */
enum scarcity { PLENTY, NO_STRINGS, NO_GROUPS, LONG_RECORD };
static enum scarcity scarcity;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
int __real_getpwnam_r(const char *name, struct passwd *record, char *strings,
                      size_t size, struct passwd **found);
int __wrap_getpwnam_r(const char *name, struct passwd *record, char *strings,
                      size_t size, struct passwd **found);

void *
__wrap_malloc(size_t size)
{
    return scarcity == NO_STRINGS ? NULL : __real_malloc(size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return scarcity == NO_GROUPS ? NULL
                                 : __real_reallocarray(old, count, size);
}

int
__wrap_getpwnam_r(const char *name, struct passwd *record, char *strings,
                  size_t size, struct passwd **found)
{
    return scarcity == LONG_RECORD
               ? ERANGE
               : __real_getpwnam_r(name, record, strings, size, found);
}

/* Each entry point says so, whether for want of memory or for a record in the
 * user database that no memory would do for; with some, root is ignored. */
static void
no_memory_is_an_error(void **state)
{
    static int (*const entries[])(pam_handle_t *, int, int, const char **) = {
        pam_sm_authenticate, pam_sm_acct_mgmt, pam_sm_setcred,
        pam_sm_open_session, pam_sm_close_session};

    (void)state;
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        for (scarcity = NO_STRINGS; scarcity <= LONG_RECORD; scarcity++)
            assert_int_equal(entries[i](handle, PAM_SILENT, 0, NULL),
                             PAM_BUF_ERR);
        scarcity = PLENTY;
        assert_int_equal(entries[i](handle, PAM_SILENT, 0, NULL), PAM_IGNORE);
    }
}

/* --- logins ----------------------------------------------------------------
 */

static int lasts;

static void
count_last(void *context)
{
    (void)context;
    lasts++;
}

static void
last_logout_is_seen(void **state)
{
    struct login first, second, third;

    (void)state;
    lasts = 0;
    assert_int_equal(logins_add(1, 5, &first), 0);
    assert_int_equal(logins_add(1, 5, &second), 0);
    assert_int_equal(logins_add(2, 5, &third), 0);
    assert_string_not_equal(first.line, second.line);
    assert_int_equal(logins_remove(1, 5, &first, count_last, NULL), 0);
    assert_int_equal(lasts, 0);
    assert_int_equal(logins_remove(1, 5, &first, count_last, NULL), 0);
    assert_int_equal(lasts, 0);
    assert_int_equal(logins_remove(1, 5, &second, count_last, NULL), 0);
    assert_int_equal(lasts, 1);
    assert_int_equal(logins_remove(2, 5, &third, count_last, NULL), 0);
    assert_int_equal(lasts, 2);
    assert_int_equal(access(LOGINS_DIR "/1", F_OK), -1);
    assert_int_equal(access(LOGINS_DIR "/2", F_OK), -1);
}

static void
put(const char *text)
{
    FILE *file = fopen(LOGINS_DIR "/1", "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
what_is_no_living_login_goes(void **state)
{
    struct login login;
    char text[100];

    (void)state;
    /* A process that is gone, one of that number that began later, lines that
     * nobody writes, and one that was cut off. */
    snprintf(text, sizeof(text), "999999999 5 1.1\n%d 1 1.1\nx\n\n-1 0 1\n%d",
             (int)getpid(), (int)getpid());
    for (int i = 0; i < 2; i++) {
        lasts = 0;
        assert_int_equal(logins_add(1, 5, &login), 0);
        put(text);
        assert_int_equal(logins_remove(1, 5, &login, count_last, NULL), 0);
        assert_int_equal(lasts, 1);
    }
}

static void
a_lock_is_not_waited_for_for_ever(void **state)
{
    struct login login;
    int fd;

    (void)state;
    put("");
    fd = open(LOGINS_DIR "/1", O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(logins_add(1, 0, &login), -1);
    assert_int_equal(errno, ETIMEDOUT);
    close(fd);
    unlink(LOGINS_DIR "/1");
}

/* --- running it ------------------------------------------------------------
 */

static struct child_answer answer;

/* Run a script in the place of aws-session, as ourselves. */
static int
run_script(const char *script, const char *input, unsigned seconds,
           bool wants_output)
{
    static const char *const arguments[] = {"one", "two", NULL};
    gid_t group = getegid();
    struct module_user user = {
        .record = {.pw_name = (char[]){"me"},
                   .pw_dir = (char[]){"/home/me"},
                   .pw_shell = (char[]){"/bin/sh"},
                   .pw_uid = geteuid(),
                   .pw_gid = getegid()},
        .groups = &group,
        .group_count = 1,
    };
    const struct child_request request = {.user = &user,
                                          .arguments = arguments,
                                          .input = input,
                                          .seconds = seconds,
                                          .wants_output = wants_output};
    FILE *file = fopen(PROGRAM_PATH, "w");

    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(PROGRAM_PATH, 0700), 0);
    module_child_run(&request, &answer);
    unlink(PROGRAM_PATH);
    return answer.status;
}

static int
forget_answer(void **state)
{
    (void)state;
    module_child_free(&answer);
    return 0;
}

static void
output_and_input_pass(void **state)
{
    static const char expected[] = "one two 123456 /home/me me / 0\n";

    (void)state;
    assert_int_equal(run_script("read -r code; echo warning >&2; "
                                "echo $1 $2 $code $HOME $USER $PWD "
                                "$AWS_SESSION_DEBUG; exit 7",
                                "123456\n", 60, true),
                     7);
    assert_int_equal(answer.length, strlen(expected));
    assert_memory_equal(answer.output, expected, answer.length);
    assert_string_equal(answer.said, "warning\n");
}

static void
long_output_is_cut(void **state)
{
    (void)state;
    assert_int_equal(run_script("head -c 1000000 /dev/zero; "
                                "head -c 1000000 /dev/zero >&2",
                                NULL, 60, true),
                     0);
    assert_int_equal(answer.length, 256 * 1024);
}

static void
unwanted_output_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(
        run_script("head -c 1000000 /dev/zero; exit 3", NULL, 60, false), 3);
    assert_null(answer.output);
}

static void
a_hanging_program_is_ended(void **state)
{
    (void)state;
    assert_int_equal(run_script("sleep 1000 & sleep 1000", NULL, 1, false),
                     CHILD_TIMED_OUT);
    /* Nothing of it is left for us to reap. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void
a_killed_program_is_known(void **state)
{
    (void)state;
    assert_int_equal(run_script("kill -KILL $$", NULL, 60, false),
                     CHILD_KILLED);
}

/* --- variables -------------------------------------------------------------
 */

static void
only_a_session_is_exported(void **state)
{
    static const char text[] = "AWS_REGION=eu-west-1\0AWS_CONFIG_FILE=/evil\0"
                               "LD_PRELOAD=/evil\0AWS_ENDPOINT_URL=x\0"
                               "=AWS_REGION\0\0AWS_SESSION_TOKEN\0"
                               "AWS_REGION_=x\0AWS_SESSION_PROFILE=a=b\0"
                               "AWS_SESSION_EXPIRES=cut off";
    char **environment;

    (void)state;
    assert_int_equal(pam_putenv(handle, "AWS_SESSION_TOKEN=is left"), 0);
    module_variables_put(handle, text, sizeof(text) - 1);
    environment = pam_getenvlist(handle);
    assert_non_null(environment);
    assert_string_equal(environment[0], "AWS_SESSION_TOKEN=is left");
    assert_string_equal(environment[1], "AWS_REGION=eu-west-1");
    assert_string_equal(environment[2], "AWS_SESSION_PROFILE=a=b");
    assert_null(environment[3]);
    for (char **entry = environment; *entry != NULL; entry++)
        free(*entry);
    free(environment);
    module_variables_put(handle, "", 0);
}

int
main(void)
{
    static const struct pam_conv conversation = {converse, NULL};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_defaults),
        cmocka_unit_test(options_are_taken),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(every_status_has_an_outcome),
        cmocka_unit_test(outcomes_are_these),
        cmocka_unit_test(no_memory_is_an_error),
        cmocka_unit_test(only_a_session_is_exported),
        cmocka_unit_test(last_logout_is_seen),
        cmocka_unit_test(what_is_no_living_login_goes),
        cmocka_unit_test(a_lock_is_not_waited_for_for_ever),
        cmocka_unit_test_teardown(output_and_input_pass, forget_answer),
        cmocka_unit_test_teardown(long_output_is_cut, forget_answer),
        cmocka_unit_test_teardown(unwanted_output_is_dropped, forget_answer),
        cmocka_unit_test_teardown(a_hanging_program_is_ended, forget_answer),
        cmocka_unit_test_teardown(a_killed_program_is_known, forget_answer),
    };
    int failed;

    if (mkdtemp(directory) == NULL || chdir(directory) != 0 ||
        pam_start("aws-session-test", "root", &conversation, &handle) != 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    pam_end(handle, PAM_SUCCESS);
    (void)rmdir(LOGINS_DIR);
    (void)rmdir(directory);
    return failed;
}
