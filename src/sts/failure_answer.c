/*
 * What is wrong with an answer that came: see failure.h. Part of
 * aws-session-sts.
 */
#include "failure.h"

#include <string.h>

/* botocore's throttling codes (standard and legacy retry modes). */
static const char *const throttling[] = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
};

/* Passing troubles of the server, whatever the HTTP status. */
static const char *const passing[] = {
    "InternalFailure", "RequestTimeout",     "RequestTimeoutException",
    "ServiceFailure",  "ServiceUnavailable",
};

#define HAS(list, code) has_word(list, sizeof(list) / sizeof(list[0]), code)

static bool
has_word(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static void
explain_redirect(struct failure *failure, const struct request *request,
                 const struct response *response)
{
    char host[256] = "";

    failure->error = STS_ERROR_BAD_ANSWER;
    if (strstr(response->location, "://") != NULL)
        failure_copy_host(host, sizeof(host), response->location);
    report_set(&failure->report,
               "%s wants to redirect (HTTP %ld) to %s: not followed; check "
               "the endpoint, or whether the network asks for a login",
               request->authority, response->status,
               host[0] != '\0' ? host : "another page");
}

/* After a trouble that passes. */
static const char *
next_step(const struct request *request)
{
    return request->coded ? " (try again later, with another MFA code)"
                          : " (try again later)";
}

static void
explain_aws_error(struct failure *failure, const struct request *request,
                  const struct response *response, const struct answer *answer)
{
    const char *colon = answer->text[0] != '\0' ? ": " : "";

    if (response->status == 429 || HAS(throttling, answer->code))
        failure->error = STS_ERROR_THROTTLED;
    else if (response->status >= 500 || HAS(passing, answer->code))
        failure->error = STS_ERROR_SERVER;
    else
        failure->error = STS_ERROR_AWS;
    report_set(&failure->report, "%s answers %s%s%.600s%s", request->authority,
               answer->code, colon, answer->text,
               failure->error == STS_ERROR_AWS ? "" : next_step(request));
}

static void
explain_garbage(struct failure *failure, const struct request *request,
                const struct response *response, const struct report *problem)
{
    struct report *report = &failure->report;
    const char *host = request->authority;
    long status = response->status;

    if (status == 429) {
        failure->error = STS_ERROR_THROTTLED;
        report_set(report, "%s asks for fewer requests (HTTP 429)%s", host,
                   next_step(request));
    } else if (status >= 500) {
        failure->error = STS_ERROR_SERVER;
        report_set(report, "%s is in trouble (HTTP %ld)%s", host, status,
                   next_step(request));
    } else if (status >= 300) {
        failure->error = STS_ERROR_BAD_ANSWER;
        report_set(report,
                   "%s answers HTTP %ld without an error of AWS in it: check "
                   "the endpoint, and what stands between",
                   host, status);
    } else {
        failure->error = STS_ERROR_BAD_ANSWER;
        report_set(report,
                   "the answer of %s is not one of AWS: %s; check the "
                   "endpoint, and what stands between",
                   host, problem->text);
    }
}

int
failure_of_answer(struct failure *failure, const struct request *request,
                  const struct response *response, enum answer_kind kind,
                  const struct answer *answer, const struct report *problem)
{
    long status = response->status;

    if (kind == ANSWER_RESULT && status >= 200 && status < 300)
        return 0;
    if (status >= 300 && status < 400)
        explain_redirect(failure, request, response);
    else if (kind == ANSWER_ERROR)
        explain_aws_error(failure, request, response, answer);
    else
        explain_garbage(failure, request, response, problem);
    return -1;
}
