/*
 * One checked message in, one reply out.
 *
 * Part of aws-session-sign. The request is built here from typed fields: no
 * bytes of the caller's are ever signed as they came, but as values in it.
 */
#ifndef AWS_SESSION_REQUEST_H
#define AWS_SESSION_REQUEST_H

#include "message.h"
#include "policy.h"
#include "privilege.h"

/*
 * Answer a SIGN_REQUEST (SIGN_RESULT), SIGN_DESCRIBE (SIGN_DESCRIBED),
 * KEY_STORE or KEY_REMOVE (KEY_DONE); what is not done is answered by
 * SIGN_REFUSED, whose sentence holds no secret. To be called after
 * privilege_change_ids and sigv4_start.
 */
void request_answer(struct message *reply, const struct message *message,
                    const struct privilege *privilege,
                    const struct policy *policy);

#endif
