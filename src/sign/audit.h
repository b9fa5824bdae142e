/*
 * One line to the system's log for what the signer did or refused.
 *
 * Part of aws-session-sign. A line is made of the message and the reply alone:
 * of numbers, words of our own, and names of which every byte that is not
 * plain is written as %XX. It never holds a secret or a code. It is no proof
 * against the caller, who may write such lines too; see aws-session-sign(8).
 */
#ifndef AWS_SESSION_AUDIT_H
#define AWS_SESSION_AUDIT_H

#include "message.h"

#include <sys/types.h>

/*
 * Log what reply, made but not sent, does with request. Nothing is logged for
 * a SIGN_DESCRIBE that is granted or finds no key: that was a question. Waits
 * for nobody: without a system log, or with one that does not read, the line
 * is lost and the work goes on. To be called after privilege_change_ids.
 */
void audit_write(const struct message *request, const struct message *reply,
                 uid_t caller);

/* Log that the caller gets no reply at all; reason is a word of ours. */
void audit_write_end(const char *reason, uid_t caller);

#endif
