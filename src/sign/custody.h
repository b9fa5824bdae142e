/*
 * Keeping parent keys: storing and removing them.
 *
 * Part of aws-session-sign. A key is made where only this process reaches it,
 * gets its permissions and timeout there, and is then linked where the caller
 * sees it: there is no moment in which it can be read.
 */
#ifndef AWS_SESSION_CUSTODY_H
#define AWS_SESSION_CUSTODY_H

#include "message.h"
#include "policy.h"
#include "privilege.h"

/*
 * Answer a KEY_STORE or KEY_REMOVE by KEY_DONE, whose text says what the
 * person should know besides. To be called after privilege_change_ids.
 * Returns 0, or an enum refusal with the report filled; then the caller's
 * keyrings are as they were.
 */
int custody_store(struct message *reply, const struct message *message,
                  const struct privilege *privilege,
                  const struct policy *policy, struct report *report);
int custody_remove(struct message *reply, const struct message *message,
                   const struct privilege *privilege, struct report *report);

#endif
