/*
 * JSON for programs: see json.h. Part of aws-session.
 */
#include "json.h"

#include "output.h"

#include <stdlib.h>
#include <string.h>

/* Not for values: a program must never take half an answer for a whole. */
static bool failed;

void
json_add_text(cJSON *object, const char *name, const char *text)
{
    char *clean = text != NULL ? strdup(text) : NULL;

    if (text == NULL)
        failed |= cJSON_AddNullToObject(object, name) == NULL;
    else if (clean == NULL)
        failed = true;
    else {
        report_clean(clean);
        failed |= cJSON_AddStringToObject(object, name, clean) == NULL;
    }
    free(clean);
}

void
json_add_number(cJSON *object, const char *name, int64_t number)
{
    failed |= cJSON_AddNumberToObject(object, name, (double)number) == NULL;
}

void
json_add_bool(cJSON *object, const char *name, bool value)
{
    failed |= cJSON_AddBoolToObject(object, name, value) == NULL;
}

int
json_write(cJSON *root, struct secret *text, struct report *report)
{
    char *printed = failed ? NULL : cJSON_Print(root);
    int result = 0;

    if (printed == NULL || secret_append_string(text, printed) != 0 ||
        secret_append_string(text, "\n") != 0)
        result = report_set(report, "out of memory");
    cJSON_free(printed);
    cJSON_Delete(root);
    failed = false;
    return result;
}

int
json_print(cJSON *root, struct report *report)
{
    struct secret text = {0};
    int result = json_write(root, &text, report);

    if (result == 0)
        result = output_write(&text, report);
    secret_free(&text);
    return result;
}
