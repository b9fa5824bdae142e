/*
 * Stored parent keys: see parent_key.h. Part of aws-session.
 *
 * A secret goes from the caller into one message to the signer, and no answer
 * of the signer holds one.
 */
#include "parent_key.h"

#include "debug.h"
#include "helper.h"
#include "key_list.h"

#include <stdlib.h>
#include <string.h>

enum { SIGNER_TIMEOUT = 10000 }; /* ms */

/* Take what the signer said of a key, and tell the person what it adds. */
static void
take_answer(const struct message *answer, struct parent_key *key)
{
    char text[REPORT_SIZE];

    *key = (struct parent_key){.protection = (enum protection)message_number(
                                   answer, FIELD_PROTECTION, 0)};
    (void)message_text(answer, FIELD_ACCESS_KEY_ID, key->access_key_id,
                       sizeof(key->access_key_id));
    if (message_type(answer) == MESSAGE_KEY_DONE &&
        message_text(answer, FIELD_TEXT, text, sizeof(text)) > 0)
        warn_line("%s", text);
}

/* One question to the signer; the message is sent and freed. */
static int
ask_signer(struct message *question, enum message_type expected,
           struct parent_key *key, enum refusal *refusal,
           struct report *report)
{
    struct helper signer = HELPER_NONE;
    struct message answer = {0};
    char text[REPORT_SIZE] = "";
    int result = -1;

    *refusal = 0;
    if (helper_start(&signer, sign_path, report) != 0 ||
        helper_send(&signer, question, report) != 0 ||
        helper_receive(&signer, &answer,
                       MESSAGE_BIT(expected) |
                           MESSAGE_BIT(MESSAGE_SIGN_REFUSED),
                       SIGNER_TIMEOUT, report) != 0)
        goto done;
    if (message_type(&answer) == expected) {
        take_answer(&answer, key);
        result = 0;
    } else {
        *refusal = (enum refusal)message_number(&answer, FIELD_REFUSAL, 0);
        (void)message_text(&answer, FIELD_TEXT, text, sizeof(text));
        report_set(report, "the signer refuses: %s", text);
    }
done:
    helper_stop(&signer);
    message_free(&answer);
    message_free(question);
    return result;
}

int
parent_key_store(const char *profile, const char *access_key_id,
                 const struct secret *secret_access_key, bool replace,
                 unsigned lifetime, struct parent_key *stored,
                 enum refusal *refusal, struct report *report)
{
    struct message question = {0};

    message_begin(&question, MESSAGE_KEY_STORE);
    message_put_text(&question, FIELD_PROFILE, profile);
    message_put_text(&question, FIELD_ACCESS_KEY_ID, access_key_id);
    message_put_bytes(&question, FIELD_SECRET_ACCESS_KEY,
                      secret_access_key->data, secret_access_key->length);
    message_put_number(&question, FIELD_REPLACE, replace);
    if (lifetime != 0)
        message_put_number(&question, FIELD_LIFETIME, lifetime);
    return ask_signer(&question, MESSAGE_KEY_DONE, stored, refusal, report);
}

int
parent_key_remove(const char *profile, struct parent_key *removed,
                  enum refusal *refusal, struct report *report)
{
    struct message question = {0};

    message_begin(&question, MESSAGE_KEY_REMOVE);
    message_put_text(&question, FIELD_PROFILE, profile);
    return ask_signer(&question, MESSAGE_KEY_DONE, removed, refusal, report);
}

/* Asks for the description of a request that is never signed or sent. */
int
parent_key_describe(const char *profile, struct parent_key *found,
                    enum refusal *refusal, struct report *report)
{
    struct message question = {0};

    message_begin(&question, MESSAGE_SIGN_DESCRIBE);
    message_put_number(&question, FIELD_OPERATION,
                       OPERATION_GET_CALLER_IDENTITY);
    message_put_text(&question, FIELD_HOST, "sts.amazonaws.com");
    message_put_text(&question, FIELD_PATH, "/");
    message_put_text(&question, FIELD_REGION, "us-east-1");
    message_put_text(&question, FIELD_PROFILE, profile);
    return ask_signer(&question, MESSAGE_SIGN_DESCRIBED, found, refusal,
                      report);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sort, and free what is there twice. */
static size_t
sort_names(char **names, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && strcmp(names[kept - 1], names[i]) == 0)
            free(names[i]);
        else
            names[kept++] = names[i];
    }
    return kept;
}

int
parent_key_names(char ***names, size_t *count, struct report *report)
{
    struct key_list list = {0};
    int result = -1;

    *names = NULL;
    *count = 0;
    if (key_list_add(&list, KEYRING_USER, report) != 0 ||
        key_list_add(&list, KEYRING_PERSISTENT, report) != 0)
        goto done;
    report_set(report, "out of memory");
    *names = calloc(list.count + 1, sizeof(**names));
    if (*names == NULL)
        goto done;
    for (size_t i = 0; i < list.count; i++) {
        const struct key_entry *entry = &list.entries[i];

        if (strcmp(entry->kind, "parent") != 0 || entry->id[0] != '\0')
            continue;
        (*names)[*count] = strdup(entry->name);
        if ((*names)[*count] == NULL)
            goto done;
        (*count)++;
    }
    *count = sort_names(*names, *count);
    result = 0;
done:
    if (result != 0) {
        parent_key_names_free(*names, *count);
        *names = NULL;
        *count = 0;
    }
    key_list_free(&list);
    return result;
}

void
parent_key_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
