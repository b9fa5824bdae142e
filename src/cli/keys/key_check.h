/*
 * The proof that a key works: AWS says whose it is.
 *
 * Part of aws-session. GetCallerIdentity needs no permission and changes
 * nothing. A key that was just made is unknown to AWS for some seconds
 * (InvalidClientTokenId), as one is that is deleted or inactive.
 */
#ifndef AWS_SESSION_KEY_CHECK_H
#define AWS_SESSION_KEY_CHECK_H

#include "aws_call.h"

enum { KEY_CHECK_ARN_SIZE = 2049 };

/*
 * Ask AWS whose key signs, by the profile's STS endpoint. As long as AWS does
 * not know the key, try again for patience seconds. Returns 0 and the ARN, or
 * -1 with error and report filled.
 */
int key_check(struct aws *aws, const struct profile *profile,
              const struct aws_signer *signer, unsigned patience,
              char arn[KEY_CHECK_ARN_SIZE], struct aws_error *error,
              struct report *report);

#endif
