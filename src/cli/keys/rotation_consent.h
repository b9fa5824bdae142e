/*
 * The question before a rotation: nobody has the new secret after a boot.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_ROTATION_CONSENT_H
#define AWS_SESSION_ROTATION_CONSENT_H

#include "exit_status.h"
#include "rotation_steps.h"

/*
 * Ask on the terminal, unless force is given or the new key of a rotation
 * that was interrupted is stored already. current, note and file_key are
 * filled. Returns EXIT_DONE to go on; else with the report filled
 * EXIT_NOBODY_ASKED, or EXIT_FAILED: no was answered, or the policy cannot be
 * read.
 */
enum exit_status rotation_consent(const struct rotation *rotation, bool force,
                                  struct report *report);

#endif
