/*
 * One checked message in, one reply out.
 *
 * Part of aws-session-sign. The request is built here from typed fields: no
 * bytes of the caller's are ever signed as they came, but as values in it.
 */
#ifndef AWS_SESSION_REQUEST_H
#define AWS_SESSION_REQUEST_H

#include "message.h"
#include "privilege.h"

/*
 * Answer a SIGN_REQUEST (SIGN_RESULT) or SIGN_DESCRIBE (SIGN_DESCRIBED); what
 * is not signed is answered by SIGN_REFUSED, whose sentence holds no secret.
 * To be called after privilege_change_ids and sigv4_start.
 */
void request_answer(struct message *reply, const struct message *message,
                    const struct privilege *privilege);

#endif
