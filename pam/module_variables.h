/*
 * What of the environment of aws-session's command gets into that of PAM.
 *
 * Part of the PAM module.
 */
#ifndef AWS_SESSION_MODULE_VARIABLES_H
#define AWS_SESSION_MODULE_VARIABLES_H

#include <security/pam_modules.h>
#include <stddef.h>

/*
 * Put the variables of a session, of text as "env -0" prints it, into the PAM
 * environment. All others stay outside: a process of the user's printed them,
 * and the host may give them to root, as sudo does, for whom AWS_CONFIG_FILE
 * would name commands to run.
 */
void module_variables_put(pam_handle_t *pam, const char *text, size_t length);

#endif
