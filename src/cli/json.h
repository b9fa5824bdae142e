/*
 * JSON for programs, to standard output.
 *
 * Part of aws-session. A thin layer over cJSON: a value that cannot be added
 * is remembered by json_print, so that a caller checks once.
 */
#ifndef AWS_SESSION_JSON_H
#define AWS_SESSION_JSON_H

#include "report.h"
#include "secret.h"

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* Add a text, null for NULL; bytes that are no UTF-8 become '?'. */
void json_add_text(cJSON *object, const char *name, const char *text);

void json_add_number(cJSON *object, const char *name, int64_t number);
void json_add_bool(cJSON *object, const char *name, bool value);

/* Add the root to text and free it. Returns 0, or -1 with the report filled.
 */
int json_write(cJSON *root, struct secret *text, struct report *report);

/* Print the root and free it. Returns 0, or -1 with the report filled. */
int json_print(cJSON *root, struct report *report);

#endif
