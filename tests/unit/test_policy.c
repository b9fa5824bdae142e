/*
 * The administrator's file (src/common/policy.c): every setting, every
 * refusal with its line, and whom it trusts. The source is compiled in here
 * with a path of its own, in a directory of the test.
 */
#include "common/policy.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ALL                                                                   \
    (BIT(OPERATION_CREATE_ACCESS_KEY) | BIT(OPERATION_UPDATE_ACCESS_KEY) |    \
     BIT(OPERATION_DELETE_ACCESS_KEY) | BIT(OPERATION_LIST_ACCESS_KEYS))

static struct policy
accept(const char *text)
{
    struct report report = {""};
    struct policy policy;

    if (policy_parse(&policy, "file", text, strlen(text), &report) != 0)
        fail_msg("refused: %s", report.text);
    return policy;
}

static void
refuse(const char *text, const char *sentence)
{
    struct report report = {""};
    struct policy policy;

    if (policy_parse(&policy, "file", text, strlen(text), &report) == 0)
        fail_msg("accepted: %s", text);
    if (strstr(report.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, report.text);
}

static void
has_defaults(void **state)
{
    static const char *const empty[] = {"", "\n", " \t\r\n", "# require_mfa",
                                        "#\n\n  # x = y\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct policy policy = accept(empty[i]);

        assert_true(policy.require_mfa);
        assert_true(policy.allow_unprotected_keys);
        assert_int_equal(policy.allowed_operations, ALWAYS | ALL);
        assert_int_equal(policy.max_session_duration, 129600);
        assert_int_equal(policy.parent_key_lifetime, 0);
        assert_int_equal(policy.cache_scope, CACHE_USER);
        assert_false(policy.require_session);
        assert_int_equal(policy.login_timeout, 10);
        assert_string_equal(policy.shell, "");
    }
}

static void
reads_every_setting(void **state)
{
    struct policy policy = accept("# all of them\r\n"
                                  "require_mfa=no\r\n"
                                  "\tallow_unprotected_keys =no \n"
                                  "allowed_operations = ListAccessKeys\n\n"
                                  "max_session_duration= 12h\n"
                                  "  # and\n"
                                  "parent_key_lifetime = 90m\n"
                                  "cache_scope = session\n"
                                  "require_session = yes\n"
                                  "login_timeout = 2m\n"
                                  "shell = /bin/a shell \n");

    (void)state;
    assert_false(policy.require_mfa);
    assert_false(policy.allow_unprotected_keys);
    assert_int_equal(policy.allowed_operations,
                     ALWAYS | BIT(OPERATION_LIST_ACCESS_KEYS));
    assert_int_equal(policy.max_session_duration, 43200);
    assert_int_equal(policy.parent_key_lifetime, 5400);
    assert_int_equal(policy.cache_scope, CACHE_SESSION);
    assert_true(policy.require_session);
    assert_int_equal(policy.login_timeout, 120);
    assert_string_equal(policy.shell, "/bin/a shell");
    assert_int_equal(accept("cache_scope = none").cache_scope, CACHE_NONE);
    assert_int_equal(accept("cache_scope = user").cache_scope, CACHE_USER);
    assert_true(accept("require_mfa = yes").require_mfa);
}

static void
reads_operations(void **state)
{
    static const struct {
        const char *value;
        uint64_t bits;
    } cases[] = {
        {"", 0},
        {" , ,", 0},
        {"CreateAccessKey", BIT(OPERATION_CREATE_ACCESS_KEY)},
        {"CreateAccessKey,DeleteAccessKey",
         BIT(OPERATION_CREATE_ACCESS_KEY) | BIT(OPERATION_DELETE_ACCESS_KEY)},
        {"ListAccessKeys ListAccessKeys", BIT(OPERATION_LIST_ACCESS_KEYS)},
        {"CreateAccessKey\tUpdateAccessKey ,DeleteAccessKey, ListAccessKeys,",
         ALL},
        {"GetCallerIdentity ListMFADevices", 0}, /* always there */
        {"CreateVirtualMFADevice EnableMFADevice,DeleteVirtualMFADevice",
         BIT(OPERATION_CREATE_MFA_DEVICE) | BIT(OPERATION_ENABLE_MFA_DEVICE) |
             BIT(OPERATION_DELETE_MFA_DEVICE)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];

        snprintf(text, sizeof(text), "allowed_operations = %s\n",
                 cases[i].value);
        assert_int_equal(accept(text).allowed_operations,
                         ALWAYS | cases[i].bits);
    }
}

static void
bounds_times(void **state)
{
    static const struct {
        const char *value;
        int session, lifetime; /* -1: refused */
    } cases[] = {
        {"0", -1, 0},
        {"1", -1, 1},
        {"899", -1, 899},
        {"900", 900, 900},
        {"0900", 900, 900},
        {"15m", 900, 900},
        {"14m", -1, 840},
        {"1h", 3600, 3600},
        {"36h", 129600, 129600},
        {"129600", 129600, 129600},
        {"129601", -1, 129601},
        {"37h", -1, 133200},
        {"87600h", -1, 315360000},
        {"87601h", -1, -1},
        {"315360001", -1, -1},
        {"4294968196", -1, -1},           /* 2^32 + 900 */
        {"18446744073709552516", -1, -1}, /* 2^64 + 900 */
        {"99999999999999999999999999h", -1, -1},
        {"", -1, -1},
        {"m", -1, -1},
        {"-900", -1, -1},
        {"+900", -1, -1},
        {"900s", -1, -1},
        {"1 h", -1, -1},
        {"1hh", -1, -1},
        {"1h30m", -1, -1},
        {"0x384", -1, -1},
        {"1.5h", -1, -1},
        {"900 # why", -1, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[128];

        snprintf(text, sizeof(text), "max_session_duration = %s",
                 cases[i].value);
        if (cases[i].session < 0)
            refuse(text, "line 1: max_session_duration takes 900 to 129600");
        else
            assert_int_equal(accept(text).max_session_duration,
                             cases[i].session);
        snprintf(text, sizeof(text), "parent_key_lifetime = %s",
                 cases[i].value);
        if (cases[i].lifetime < 0)
            refuse(text, "line 1: parent_key_lifetime takes 0 or up to");
        else
            assert_int_equal(accept(text).parent_key_lifetime,
                             cases[i].lifetime);
    }
}

static void
refuses_with_the_line(void **state)
{
    (void)state;
    refuse("require_mfa = true", "file line 1: require_mfa takes yes or no");
    refuse("require_mfa =", "takes yes or no");
    refuse("require_mfa = Yes", "takes yes or no");
    refuse("require_mfa = yes # sure", "takes yes or no");
    refuse("require_mfa = yes = no", "takes yes or no");
    refuse("allow_unprotected_keys = 0", "takes yes or no");
    refuse("cache_scope = users", "takes user, session or none");
    refuse("cache_scope = use", "takes user, session or none");
    refuse("require_session = maybe", "takes yes or no");
    refuse("login_timeout = 0", "takes 1 to 3600 seconds");
    refuse("login_timeout = 3601", "takes 1 to 3600 seconds");
    refuse("shell = bash", "takes none or a path");
    refuse("shell =", "takes none or a path");
    refuse("allowed_operations = GetSessionToken", "takes names of");
    refuse("allowed_operations = CreateAccessKeys", "takes names of");
    refuse("allowed_operations = createaccesskey", "takes names of");
    refuse("allowed_operations = *", "takes names of");
    refuse("require_mfa", "not of the form NAME = VALUE");
    refuse("[policy]", "not of the form");
    refuse("Require_MFA = yes", "no setting is called \"Require_MFA\"");
    refuse("require mfa = yes", "no setting is called \"require mfa\"");
    refuse("= yes", "no setting is called \"\"");
    refuse("\x1b[2J = yes", "no setting is called \"?[2J\"");
    refuse("\n# x\nrequire_mfa = no\n\nrequire_mfa = no\n",
           "file line 5: require_mfa stands there a second time");
}

static void
bounds_the_shell(void **state)
{
    char text[POLICY_SHELL_SIZE + 16];

    (void)state;
    snprintf(text, sizeof(text), "shell = /%0*d", POLICY_SHELL_SIZE - 2, 0);
    assert_int_equal(strlen(accept(text).shell), POLICY_SHELL_SIZE - 1);
    assert_string_equal(accept("shell = none").shell, "");
    snprintf(text, sizeof(text), "shell = /%0*d", POLICY_SHELL_SIZE - 1, 0);
    refuse(text, "takes none or a path of 255 bytes at most");
}

static void
refuses_nul_and_length(void **state)
{
    static char large[FILE_MAX + 1];
    static const char nul[] = "require_mfa = no\0\n";
    struct report report;
    struct policy policy;

    (void)state;
    assert_int_equal(
        policy_parse(&policy, "file", nul, sizeof(nul) - 1, &report), -1);
    memset(large, '\n', sizeof(large));
    assert_int_equal(policy_parse(&policy, "file", large, FILE_MAX, &report),
                     0);
    assert_int_equal(
        policy_parse(&policy, "file", large, FILE_MAX + 1, &report), -1);
    assert_non_null(strstr(report.text, "longer than 65536 bytes"));
}

static void
write_file(const char *text, size_t length, mode_t mode)
{
    FILE *file;

    (void)remove(POLICY_PATH);
    file = fopen(POLICY_PATH, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fchmod(fileno(file), mode), 0);
    assert_int_equal(fclose(file), 0);
}

/* What policy_load says of what is there; NULL: nothing, it takes it. */
static struct policy
load(const char *sentence)
{
    struct report report = {""};
    struct policy policy;
    int result = policy_load(&policy, &report);

    if (sentence == NULL && result != 0)
        fail_msg("refused: %s", report.text);
    assert_int_equal(result, sentence == NULL ? 0 : -1);
    if (sentence != NULL && strstr(report.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, report.text);
    return policy;
}

static void
needs_no_file(void **state)
{
    (void)state;
    (void)remove(POLICY_PATH);
    assert_true(load(NULL).require_mfa);
}

static void
trusts_only_a_file(void **state)
{
    (void)state;
    (void)remove(POLICY_PATH);
    assert_int_equal(symlink("/dev/null", POLICY_PATH), 0);
    load("symbolic link");
    (void)remove(POLICY_PATH);
    assert_int_equal(symlink("nothing", POLICY_PATH), 0);
    load("symbolic link");
    (void)remove(POLICY_PATH);
    assert_int_equal(mkdir(POLICY_PATH, 0700), 0);
    load("not a regular file");
    assert_int_equal(rmdir(POLICY_PATH), 0);
    assert_int_equal(mkfifo(POLICY_PATH, 0644), 0);
    load("not a regular file"); /* and does not wait for a writer */
    (void)remove(POLICY_PATH);
}

static void
trusts_only_root(void **state)
{
    static const mode_t bad[] = {0664, 0646, 0666, 0620, 0602, 0777};
    static const mode_t good[] = {0644, 0444, 0600, 0755};
    static const char text[] = "require_mfa = no\n";

    (void)state;
    if (geteuid() != 0) {
        write_file(text, sizeof(text) - 1, 0644);
        load("is not trusted");
        return;
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        write_file(text, sizeof(text) - 1, good[i]);
        assert_false(load(NULL).require_mfa);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        write_file(text, sizeof(text) - 1, bad[i]);
        load("is not trusted");
    }
    write_file(text, sizeof(text) - 1, 0644);
    assert_int_equal(chown(POLICY_PATH, 12345, 0), 0);
    load("is not trusted");
}

static void
reads_the_whole_file(void **state)
{
    static const char last[] = "require_mfa = no";
    static char text[FILE_MAX + 1];

    (void)state;
    if (geteuid() != 0)
        return;
    memset(text, '\n', sizeof(text));
    memcpy(text + FILE_MAX - strlen(last), last, strlen(last));
    write_file(text, FILE_MAX, 0644);
    assert_false(load(NULL).require_mfa);
    write_file(text, FILE_MAX + 1, 0644);
    load("longer than");
    write_file("x\n", 2, 0644);
    load(POLICY_PATH " line 1: not of the form");
}

static int
enter_directory(void **state)
{
    static char directory[] = "/tmp/test_policy.XXXXXX";

    *state = mkdtemp(directory);
    return *state == NULL || chdir(directory) != 0 ? -1 : 0;
}

static int
leave_directory(void **state)
{
    (void)remove(POLICY_PATH);
    return chdir("/") != 0 || rmdir(*state) != 0 ? -1 : 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(reads_every_setting),
        cmocka_unit_test(reads_operations),
        cmocka_unit_test(bounds_times),
        cmocka_unit_test(refuses_with_the_line),
        cmocka_unit_test(bounds_the_shell),
        cmocka_unit_test(refuses_nul_and_length),
        cmocka_unit_test(needs_no_file),
        cmocka_unit_test(trusts_only_a_file),
        cmocka_unit_test(trusts_only_root),
        cmocka_unit_test(reads_the_whole_file),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
