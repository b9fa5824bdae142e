/*
 * The access keys of an IAM user: see access_key.h. Part of aws-session.
 */
#include "access_key.h"

#include "aws_error.h"
#include "debug.h"
#include "timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAGES = 16 };

static struct aws_request
request_of(const struct access_key_caller *caller, enum operation operation)
{
    return (struct aws_request){
        .operation = operation,
        .endpoint = &caller->profile->iam,
        .signer = caller->signer,
        .user_name = caller->user,
    };
}

/* "KEYID STATUS CREATED", as aws-session-sts wrote it. */
static int
read_key(struct access_key *key, const char *text, size_t length)
{
    char copy[257], created[TIMESTAMP_SIZE];

    if (length >= sizeof(copy))
        return -1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    report_clean(copy); /* it may be shown on the terminal */
    if (sscanf(copy, "%128s %64s %20s", key->id, key->status, created) != 3)
        return -1;
    return timestamp_parse(created, &key->created);
}

static int
add_keys(const struct message *answer, struct access_key_list *list)
{
    size_t cursor = 0, length;
    const char *text;

    while ((text = message_next(answer, FIELD_KEY, &cursor, &length)) !=
           NULL) {
        if (list->count == ACCESS_KEYS_MAX ||
            read_key(&list->keys[list->count], text, length) != 0)
            return -1;
        debug_log("access key %s, %s", list->keys[list->count].id,
                  list->keys[list->count].status);
        list->count++;
    }
    list->time = message_number(answer, FIELD_SERVER_DATE, 0);
    return 0;
}

int
access_key_list(const struct access_key_caller *caller,
                struct access_key_list *list, struct report *report)
{
    struct aws_request request = request_of(caller,
                                            OPERATION_LIST_ACCESS_KEYS);
    struct message answer = {0};
    struct aws_error error;
    char *marker = NULL;
    int result = -1;

    *list = (struct access_key_list){.count = 0};
    for (int page = 0; page < MAX_PAGES; page++) {
        request.marker = marker;
        if (aws_call(caller->aws, &request, &answer, &error, report) != 0)
            goto done;
        if (add_keys(&answer, list) != 0)
            break;
        free(marker);
        marker = message_text_copy(&answer, FIELD_MARKER);
        if (marker == NULL) {
            result = 0;
            goto done;
        }
    }
    report_set(report,
               "user %s has more access keys than AWS allows: the "
               "list makes no sense",
               caller->user);
done:
    free(marker);
    message_free(&answer);
    return result;
}

int
access_key_create(const struct access_key_caller *caller,
                  char id[ACCESS_KEY_ID_SIZE], struct secret *secret,
                  bool *unsure, struct report *report)
{
    const struct aws_request request = request_of(caller,
                                                  OPERATION_CREATE_ACCESS_KEY);
    struct message answer = {0};
    struct aws_error error;
    int result = aws_call(caller->aws, &request, &answer, &error, report);

    if (result != 0) {
        /* A refusal of AWS, or nothing was sent: then there is none. */
        *unsure = error.sent && error.kind != STS_ERROR_AWS &&
                  error.kind != STS_ERROR_THROTTLED;
    } else if (message_text(&answer, FIELD_ACCESS_KEY_ID, id,
                            ACCESS_KEY_ID_SIZE) < 0 ||
               message_secret(&answer, FIELD_SECRET_ACCESS_KEY, secret) != 0) {
        *unsure = true;
        result = report_set(report, "out of memory");
    }
    message_free(&answer);
    return result;
}

/* UpdateAccessKey or DeleteAccessKey. */
static int
change(const struct access_key_caller *caller, const char *id,
       enum operation operation, const char *status, struct report *report)
{
    struct aws_request request = request_of(caller, operation);
    struct message answer = {0};
    struct aws_error error;
    int result;

    request.target_key_id = id;
    request.status = status;
    result = aws_call(caller->aws, &request, &answer, &error, report);
    message_free(&answer);
    return result != 0 && aws_error_is_gone(&error) ? 0 : result;
}

int
access_key_deactivate(const struct access_key_caller *caller, const char *id,
                      struct report *report)
{
    return change(caller, id, OPERATION_UPDATE_ACCESS_KEY, "Inactive", report);
}

int
access_key_delete(const struct access_key_caller *caller, const char *id,
                  struct report *report)
{
    return change(caller, id, OPERATION_DELETE_ACCESS_KEY, NULL, report);
}
