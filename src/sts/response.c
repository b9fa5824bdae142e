/*
 * What a server answered: see response.h. Part of aws-session-sts.
 */
#include "response.h"

#include "report.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

void
response_reset(struct response *response)
{
    struct secret body = response->body;

    secret_clear(&body);
    *response = (struct response){.body = body, .date = -1};
}

size_t
response_write(char *data, size_t size, size_t count, void *context)
{
    struct response *response = context;
    size_t length = size * count;

    if (length > RESPONSE_BODY_MAX - response->body.length) {
        response->too_long = true;
        return 0;
    }
    return secret_append(&response->body, data, length) == 0 ? length : 0;
}

/*
 * If the line is the header of that name, copy its value, trimmed and cut to
 * fit, without control characters. Returns whether it is.
 */
static bool
take_header(const char *line, size_t length, const char *name, char *value,
            size_t size)
{
    size_t start = strlen(name);

    if (length <= start || line[start] != ':' ||
        strncasecmp(line, name, start) != 0)
        return false;
    start++;
    while (start < length && (line[start] == ' ' || line[start] == '\t'))
        start++;
    while (length > start && strchr(" \t\r\n", line[length - 1]) != NULL)
        length--;
    length -= start;
    if (length >= size)
        length = size - 1;
    memcpy(value, line + start, length);
    value[length] = '\0';
    report_clean(value);
    return true;
}

size_t
response_header(char *line, size_t size, size_t count, void *context)
{
    struct response *response = context;
    size_t length = size * count;
    char date[64];

    if (length > RESPONSE_HEADERS_MAX - response->header_size) {
        response->too_long = true;
        return 0;
    }
    response->header_size += length;
    if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        /* What an interim answer (100, 103) said is not of the final one. */
        response->begun = false;
        response->date = -1;
        response->request_id[0] = response->location[0] = '\0';
    } else if (response->begun) {
        return length; /* a trailer */
    } else if (length > 0 && (line[0] == '\r' || line[0] == '\n')) {
        response->begun = true;
    } else if (take_header(line, length, "Date", date, sizeof(date))) {
        response->date = curl_getdate(date, NULL);
    } else if (!take_header(line, length, "x-amzn-RequestId",
                            response->request_id,
                            sizeof(response->request_id))) {
        take_header(line, length, "Location", response->location,
                    sizeof(response->location));
    }
    return length;
}

void
response_free(struct response *response)
{
    secret_free(&response->body);
    *response = (struct response){0};
}
