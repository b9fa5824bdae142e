/*
 * The options of pam_aws_session.so: pam_aws_session(8) has the same list, and
 * a test compares the two.
 *
 * Part of the PAM module: no global state, since a host may load it once for
 * many users and threads.
 */
#ifndef AWS_SESSION_MODULE_OPTIONS_H
#define AWS_SESSION_MODULE_OPTIONS_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <sys/types.h>

/* Strings point into argv. */
struct module_options {
    const char *profile; /* NULL: the user's default */
    const char *prompt;  /* never NULL */
    unsigned timeout;    /* seconds for one run of aws-session */
    uid_t min_uid;       /* users below it are none of our business */
    bool cached_ok;      /* a kept session is enough */
    bool nullok;         /* users without a key are ignored */
    bool export_env;     /* credentials into the PAM environment */
    bool clear_on_last;  /* on_last_logout=clear */
    bool debug;
};

/*
 * Read the options. Returns PAM_SUCCESS, or PAM_SERVICE_ERR after a line in
 * the log: a module that guesses what was meant would let somebody in.
 */
int module_options_parse(struct module_options *options, pam_handle_t *pam,
                         int argc, const char **argv);

#endif
