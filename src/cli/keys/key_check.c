/*
 * The proof that a key works: see key_check.h. Part of aws-session.
 */
#include "key_check.h"

#include "aws_error.h"
#include "debug.h"

#include <time.h>

enum { LONGEST_PAUSE = 5 /* s */ };

static int
ask(struct aws *aws, const struct profile *profile,
    const struct aws_signer *signer, char arn[KEY_CHECK_ARN_SIZE],
    struct aws_error *error, struct report *report)
{
    const struct aws_request request = {
        .operation = OPERATION_GET_CALLER_IDENTITY,
        .endpoint = &profile->sts,
        .signer = *signer,
    };
    struct message answer = {0};
    int result = aws_call(aws, &request, &answer, error, report);

    if (result == 0) {
        message_text(&answer, FIELD_ARN, arn, KEY_CHECK_ARN_SIZE);
        report_clean(arn); /* it is shown to the person */
    }
    message_free(&answer);
    return result;
}

static time_t
seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

int
key_check(struct aws *aws, const struct profile *profile,
          const struct aws_signer *signer, unsigned patience,
          char arn[KEY_CHECK_ARN_SIZE], struct aws_error *error,
          struct report *report)
{
    const time_t end = seconds_now() + (time_t)patience;
    struct timespec pause = {.tv_sec = 1};

    while (ask(aws, profile, signer, arn, error, report) != 0) {
        if (!aws_error_is_unknown_key(error) ||
            seconds_now() + pause.tv_sec > end)
            return -1;
        debug_log("AWS does not know the key yet, trying again in %ld s",
                  (long)pause.tv_sec);
        nanosleep(&pause, NULL);
        if (pause.tv_sec < LONGEST_PAUSE)
            pause.tv_sec++;
    }
    return 0;
}
