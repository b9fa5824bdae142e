/*
 * What facts about the signer's file mean (src/cli/keys/signer_state.c).
 */
#include "cli/keys/signer_state.h"

#include "cli/helper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

const char sign_path[] = "/nonexistent/aws-session-sign";
const char sts_path[] = "/nonexistent/aws-session-sts";

static void
test_judge(void **state)
{
    const struct signer_facts installed = {
        .exists = true, .mode = S_IFREG | 04711, .owner = 990, .caller = 1000};
    struct signer_facts facts = installed;

    (void)state;
    assert_int_equal(signer_state_judge(&facts), SIGNER_PROTECTS);
    facts.caller = 0;
    assert_int_equal(signer_state_judge(&facts), SIGNER_PROTECTS);
    facts.owner = 0;
    assert_int_equal(signer_state_judge(&facts), SIGNER_OF_CALLER);
    facts.caller = 1000;
    assert_int_equal(signer_state_judge(&facts), SIGNER_OF_ROOT);
    facts.owner = 1000;
    assert_int_equal(signer_state_judge(&facts), SIGNER_OF_CALLER);
    facts.owner = 65534;
    assert_int_equal(signer_state_judge(&facts), SIGNER_OF_NOBODY);
    facts = installed;
    facts.mode = S_IFREG | 02711;
    assert_int_equal(signer_state_judge(&facts), SIGNER_NOT_SETUID);
    facts = installed;
    facts.nosuid = true;
    assert_int_equal(signer_state_judge(&facts), SIGNER_NOSUID);
    facts.nosuid = false;
    facts.no_new_privs = true;
    assert_int_equal(signer_state_judge(&facts), SIGNER_NO_NEW_PRIVS);
    facts.exists = false;
    assert_int_equal(signer_state_judge(&facts), SIGNER_MISSING);
}

static void
test_names(void **state)
{
    struct report why;

    (void)state;
    for (int i = 0; i < SIGNER_STATE_COUNT; i++) {
        assert_non_null(signer_state_name((enum signer_state)i));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(signer_state_name((enum signer_state)i),
                                    signer_state_name((enum signer_state)j));
    }
    assert_int_equal(signer_state_find(&why), SIGNER_MISSING);
    assert_non_null(strstr(why.text, sign_path));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
