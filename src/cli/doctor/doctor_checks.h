/*
 * The checks of aws-session doctor, in files by their subject.
 *
 * Part of aws-session. Private to doctor.c and the checks. Each adds one
 * finding at least, or none if what it looks at could not be had: then an
 * earlier one said why. They run in the order of the table in doctor.c.
 */
#ifndef AWS_SESSION_DOCTOR_CHECKS_H
#define AWS_SESSION_DOCTOR_CHECKS_H

#include "doctor.h"

/* doctor_install.c */
void doctor_check_programs(struct doctor *doctor);
void doctor_check_signer(struct doctor *doctor);
void doctor_check_process(struct doctor *doctor);

/* doctor_kernel.c */
void doctor_check_keyring(struct doctor *doctor);
void doctor_check_login(struct doctor *doctor);
void doctor_check_limits(struct doctor *doctor);
void doctor_check_quota(struct doctor *doctor);

/* doctor_shell.c */
void doctor_check_login_shell(struct doctor *doctor);
void doctor_check_real_shell(struct doctor *doctor);

/* doctor_pam.c */
void doctor_check_pam(struct doctor *doctor);

/* doctor_config.c */
void doctor_check_policy(struct doctor *doctor);
void doctor_check_files(struct doctor *doctor);
void doctor_check_credentials(struct doctor *doctor);
void doctor_check_profile(struct doctor *doctor);

/* doctor_settings.c */
void doctor_check_settings(struct doctor *doctor);
void doctor_check_environment(struct doctor *doctor);

/* doctor_aws.c */
void doctor_check_key(struct doctor *doctor);
void doctor_check_endpoint(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);

/* Who signs what doctor sends: the session if there is one and it may be one,
 * else the key. */
struct aws_signer doctor_choose_signer(const struct doctor *doctor,
                                       bool may_be_session);

/* doctor_mfa.c */
void doctor_check_mfa(struct doctor *doctor);

#endif
