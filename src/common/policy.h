/*
 * /etc/aws-session.conf: what the administrator of a machine decides.
 *
 * Part of libcommon: the signer enforces it for stored keys, the command line
 * reads what concerns sessions. The file is trusted only if root owns it and
 * nobody else can write it; without a file the defaults hold.
 *
 *     # a comment line
 *     require_mfa = yes
 */
#ifndef AWS_SESSION_POLICY_H
#define AWS_SESSION_POLICY_H

#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cache_scope { CACHE_USER, CACHE_SESSION, CACHE_NONE };

enum { POLICY_SHELL_SIZE = 256, LOGIN_TIMEOUT_DEFAULT = 10 };

struct policy {
    bool require_mfa;              /* yes: a stored key signs no session
                                      request without MFA fields */
    bool allow_unprotected_keys;   /* yes: keys from files and environment */
    uint64_t allowed_operations;   /* bits 1 << enum operation, of IAM */
    unsigned max_session_duration; /* seconds; 129600 */
    unsigned parent_key_lifetime;  /* seconds; 0: until reboot */
    enum cache_scope cache_scope;  /* user */
    bool require_session;          /* no; yes: no login without a session */
    unsigned login_timeout;        /* seconds before the shell; 10 */
    char shell[POLICY_SHELL_SIZE]; /* of logins; "" is none */
};

/*
 * Read the policy from the compiled-in path. Returns 0, or -1 with a report
 * that names the file, the line and the remedy: writable by others, not a
 * regular file, unknown key or value, a key twice, longer than 64 KiB.
 */
int policy_load(struct policy *policy, struct report *report);

/* The same for text in memory: the entry point of tests and the fuzzer. */
int policy_parse(struct policy *policy, const char *name, const char *text,
                 size_t length, struct report *report);

#endif
