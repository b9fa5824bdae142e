/*
 * Session documents: see session_document.h. Part of aws-session.
 */
#include "session_document.h"

#include "timestamp.h"

#include <cJSON.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* cJSON keeps copies of the values: wiped when it frees them. */
static void
free_wiped(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static void
use_wiping_memory(void)
{
    static cJSON_Hooks hooks = {.malloc_fn = malloc, .free_fn = free_wiped};

    cJSON_InitHooks(&hooks);
}

int
session_document_write(const struct session *session, struct secret *document,
                       struct report *report)
{
    char expiration[TIMESTAMP_SIZE];
    char *text = NULL;
    cJSON *root;
    int result = -1;

    use_wiping_memory();
    timestamp_format(session->expiration, expiration);
    root = cJSON_CreateObject();
    if (cJSON_AddNumberToObject(root, "Version", 1) != NULL &&
        cJSON_AddStringToObject(root, "AccessKeyId",
                                session->access_key_id.data) != NULL &&
        cJSON_AddStringToObject(root, "SecretAccessKey",
                                session->secret_access_key.data) != NULL &&
        cJSON_AddStringToObject(root, "SessionToken",
                                session->session_token.data) != NULL &&
        cJSON_AddStringToObject(root, "Expiration", expiration) != NULL)
        text = cJSON_PrintUnformatted(root);
    if (text != NULL && secret_set(document, text, strlen(text)) == 0)
        result = 0;
    else
        report_set(report, "out of memory");
    free_wiped(text);
    cJSON_Delete(root);
    return result;
}

static int
read_text(const cJSON *root, const char *name, struct secret *value,
          struct report *report)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);

    if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
        return report_set(report, "no %s in the session", name);
    if (secret_set(value, item->valuestring, strlen(item->valuestring)) != 0)
        return report_set(report, "out of memory");
    return 0;
}

int
session_document_read(const char *text, size_t length, struct session *session,
                      struct report *report)
{
    const cJSON *item;
    cJSON *root;
    int result = -1;

    use_wiping_memory();
    session_free(session);
    root = cJSON_ParseWithLength(text, length);
    item = cJSON_GetObjectItemCaseSensitive(root, "Version");
    if (!cJSON_IsNumber(item) || item->valueint != 1) {
        report_set(report, "the session is no document of version 1");
        goto done;
    }
    item = cJSON_GetObjectItemCaseSensitive(root, "Expiration");
    if (!cJSON_IsString(item) ||
        timestamp_parse(item->valuestring, &session->expiration) != 0) {
        report_set(report, "no Expiration in the session");
        goto done;
    }
    if (read_text(root, "AccessKeyId", &session->access_key_id, report) != 0 ||
        read_text(root, "SecretAccessKey", &session->secret_access_key,
                  report) != 0 ||
        read_text(root, "SessionToken", &session->session_token, report) != 0)
        goto done;
    result = 0;
done:
    cJSON_Delete(root);
    if (result != 0)
        session_free(session);
    return result;
}

void
session_free(struct session *session)
{
    secret_free(&session->access_key_id);
    secret_free(&session->secret_access_key);
    secret_free(&session->session_token);
    session->expiration = 0;
}
