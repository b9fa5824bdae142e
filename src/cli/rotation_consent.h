/*
 * The question before a rotation: nobody has the new secret after a boot.
 *
 * Part of aws-session.
 */
#ifndef AWS_SESSION_ROTATION_CONSENT_H
#define AWS_SESSION_ROTATION_CONSENT_H

#include "rotation_steps.h"

/*
 * Ask on the terminal, unless force is given or the new key of a rotation
 * that was interrupted is stored already. current, note and file_key are
 * filled. Returns 0 to go on, or -1 with the report filled: no was answered,
 * nobody can be asked, or the policy cannot be read.
 */
int rotation_consent(const struct rotation *rotation, bool force,
                     struct report *report);

#endif
