/*
 * What went wrong with a call: a kind that aws-session can act on, and one
 * sentence for the person.
 *
 * Part of aws-session-sts. A sentence is one line, names the host, what is
 * wrong and what to do next, and never holds a secret: nothing of the
 * request, and of a proxy's URL only the host.
 */
#ifndef AWS_SESSION_FAILURE_H
#define AWS_SESSION_FAILURE_H

#include "answer.h"
#include "transport.h"

struct failure {
    enum sts_error error;
    struct report report;
};

/* There is no whole answer: why. */
void failure_of_transport(struct failure *failure,
                          const struct request *request,
                          const struct response *response,
                          const struct facts *facts);

/*
 * There is an answer. Returns 0 if it is a success, so that the answer's
 * result is the reply; else -1 and the failure is filled. problem is the
 * report of answer_parse.
 */
int failure_of_answer(struct failure *failure, const struct request *request,
                      const struct response *response, enum answer_kind kind,
                      const struct answer *answer,
                      const struct report *problem);

/*
 * Copy host[:port] of a URL, cut to fit: without the name and password that
 * may stand before it. The scheme may be missing.
 */
void failure_copy_host(char *buffer, size_t size, const char *url);

#endif
