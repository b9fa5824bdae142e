/*
 * Fuzz target: the parser of the administrator's file, which the setuid signer
 * reads. Besides what sanitizers find, the promises of policy.h are asserted.
 */
#include "common/policy.h"

#include "common/protocol.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t sessions = UINT64_C(1) << OPERATION_GET_SESSION_TOKEN |
                              UINT64_C(1) << OPERATION_ASSUME_ROLE;
    struct report report = {""};
    struct policy policy;
    int result = policy_parse(&policy, "input", (const char *)data, size,
                              &report);

    assert((result == 0) == (report.text[0] == '\0'));
    assert(strlen(report.text) < REPORT_SIZE);
    assert(result == 0 || strncmp(report.text, "input ", 6) == 0);
    if (result != 0)
        return 0;
    assert((policy.allowed_operations & sessions) == sessions);
    assert(policy.allowed_operations >> (OPERATION_DELETE_MFA_DEVICE + 1) ==
           0);
    assert(policy.max_session_duration >= 900);
    assert(policy.max_session_duration <= 129600);
    assert(policy.parent_key_lifetime <= 315360000);
    assert(policy.cache_scope <= CACHE_NONE);
    assert(policy.login_timeout >= 1 && policy.login_timeout <= 3600);
    assert(policy.shell[0] == '\0' || policy.shell[0] == '/');
    assert(strlen(policy.shell) < POLICY_SHELL_SIZE);
    /* Without a word for it, nothing is laxer than the defaults. */
    if (memmem(data, size, "no", 2) == NULL)
        assert(policy.require_mfa && policy.allow_unprotected_keys);
    return 0;
}
