/*
 * From a message to its reply: see request.h. Part of aws-session-sign.
 *
 * Every byte that can get into a header or into the string to sign is checked
 * here or in operation.c; the schema in protocol.c bounds the lengths.
 */
#include "request.h"

#include "custody.h"
#include "operation.h"
#include "sigv4.h"
#include "stored_key.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_OFFSET = 86400 };

/* All zero is empty. */
struct request {
    const struct operation_rule *operation;
    char host[512];
    char path[2048];
    char region[128];
    time_t time;
    struct signing_key key;
    struct secret session_token;
    struct secret body;
};

static bool
is_given(const struct message *message, enum message_field field)
{
    size_t length;

    return message_bytes(message, field, &length) != NULL;
}

/* A lower-case name, an IPv4 address or a bracketed IPv6 one; ":PORT". */
static bool
host_is_valid(const char *host)
{
    size_t length = *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
    const char *rest = host + length;
    char *end;

    if (*host == '[') {
        if (length < 3 || *rest != ']' ||
            !characters_only(host + 1, length - 1, "0123456789abcdef:."))
            return false;
        rest++;
    } else if (length == 0 || strchr(".-", *host) != NULL ||
               !characters_only(host, length,
                                "abcdefghijklmnopqrstuvwxyz0123456789_.-"))
        return false;
    if (*rest == '\0')
        return true;
    if (*rest != ':' || rest[1] < '1' || rest[1] > '9' || strlen(rest) > 6)
        return false;
    return strtol(rest + 1, &end, 10) <= 65535 && *end == '\0';
}

/*
 * Signatures are over the path without "//" and dot segments, and it is sent
 * as it stands: so it must have none.
 */
static bool
path_is_valid(const char *path)
{
    if (*path != '/' || !characters_only(path, strlen(path), GRAPHIC) ||
        strpbrk(path, "?#") != NULL)
        return false;
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        size_t length = strcspn(++part, "/");

        if ((length == 0 && *part != '\0') || (length == 1 && *part == '.') ||
            (length == 2 && strncmp(part, "..", 2) == 0))
            return false;
    }
    return true;
}

static bool
region_is_valid(const char *region)
{
    size_t length = strlen(region);

    return length > 0 && characters_only(region, length, ALPHANUMERIC "-") &&
           region[0] != '-' && region[length - 1] != '-';
}

static int
read_target(struct request *request, const struct message *message,
            struct report *report)
{
    int64_t offset = message_number(message, FIELD_CLOCK_OFFSET, 0);

    request->operation = operation_find(
        message_number(message, FIELD_OPERATION, 0));
    if (request->operation == NULL)
        return report_set(report, "this is no operation that is ever signed");
    if (message_text(message, FIELD_HOST, request->host,
                     sizeof(request->host)) < 0 ||
        !host_is_valid(request->host))
        return report_set(report, "the endpoint's host is no lower-case host "
                                  "name or address");
    if (message_text(message, FIELD_PATH, request->path,
                     sizeof(request->path)) < 0 ||
        !path_is_valid(request->path))
        return report_set(report, "the endpoint's path must begin with '/' "
                                  "and have no empty or dot segment, query "
                                  "or fragment");
    if (message_text(message, FIELD_REGION, request->region,
                     sizeof(request->region)) < 0 ||
        !region_is_valid(request->region))
        return report_set(report, "the region is not letters, digits and "
                                  "hyphens");
    if (offset < -MAX_OFFSET || offset > MAX_OFFSET)
        return report_set(report, "the clock is off by more than a day: set "
                                  "the clock of this machine");
    request->time = time(NULL) + (time_t)offset;
    return 0;
}

/* A key that came in the message. Returns 0, or an enum refusal. */
static int
read_inline_key(struct request *request, const struct message *message,
                struct report *report)
{
    const struct secret *token = &request->session_token;

    int refusal = signing_key_given(&request->key, message, report);

    if (refusal != 0)
        return refusal;
    if (is_given(message, FIELD_SESSION_TOKEN) &&
        message_secret(message, FIELD_SESSION_TOKEN,
                       &request->session_token) != 0) {
        report_set(report, "out of memory");
        return REFUSAL_INTERNAL;
    }
    if (is_given(message, FIELD_SESSION_TOKEN) &&
        (token->length == 0 ||
         !characters_only(token->data, token->length, GRAPHIC))) {
        report_set(report, "the session token is empty or holds a blank or a "
                           "control character");
        return REFUSAL_BAD_FIELD;
    }
    request->key.protection = PROTECTION_INLINE;
    return 0;
}

/*
 * A key that the user could have put there is used only where the policy takes
 * such keys; to ask AWS whose it is does no harm, and import needs it. Returns
 * 0, or an enum refusal.
 */
static int
read_stored_key(struct request *request, const char *profile,
                const struct message *message,
                const struct privilege *privilege, const struct policy *policy,
                struct report *report)
{
    int refusal;

    if (operation_permitted(request->operation, message, policy, report) != 0)
        return REFUSAL_POLICY;
    refusal = stored_key_read(&request->key, profile, privilege, report);
    if (refusal != 0 || policy->allow_unprotected_keys ||
        request->key.protection == PROTECTION_SERVICE ||
        request->operation == operation_find(OPERATION_GET_CALLER_IDENTITY))
        return refusal;
    report_set(report,
               "the stored key of profile %.100s is not protected, and this "
               "machine's policy takes no such key (allow_unprotected_keys)",
               profile);
    return REFUSAL_POLICY;
}

/* Exactly one source of a key. Returns 0, or an enum refusal. */
static int
read_key(struct request *request, const struct message *message,
         const struct privilege *privilege, const struct policy *policy,
         struct report *report)
{
    bool id = is_given(message, FIELD_ACCESS_KEY_ID);
    bool secret = is_given(message, FIELD_SECRET_ACCESS_KEY);
    bool token = is_given(message, FIELD_SESSION_TOKEN);
    char profile[2048];

    if (is_given(message, FIELD_PROFILE)) {
        if (!id && !secret && !token &&
            message_text(message, FIELD_PROFILE, profile, sizeof(profile)) >=
                0)
            return read_stored_key(request, profile, message, privilege,
                                   policy, report);
        report_set(report, "a profile's stored key or a given key: not both");
    } else if (id && secret)
        return read_inline_key(request, message, report);
    else if (id || secret || token)
        report_set(report, "half a key: key id and secret go together");
    else
        report_set(report, "no key and no profile to sign with");
    return REFUSAL_BAD_FIELD;
}

/* All that is wrong is found before a key is read. */
static int
prepare(struct request *request, const struct message *message,
        const struct privilege *privilege, const struct policy *policy,
        struct report *report)
{
    if (read_target(request, message, report) != 0 ||
        operation_body(request->operation, message, &request->body, report) !=
            0)
        return REFUSAL_BAD_FIELD;
    return read_key(request, message, privilege, policy, report);
}

static int
sign(struct message *reply, const struct request *request,
     struct report *report)
{
    const struct secret *token = &request->session_token;
    const struct sigv4_request to_sign = {
        .service = request->operation->service,
        .region = request->region,
        .host = request->host,
        .path = request->path,
        .session_token = token,
        .body = &request->body,
        .time = request->time,
    };
    struct sigv4_signature signature;

    if (sigv4_sign(&signature, &to_sign, request->key.id, &request->key.secret,
                   report) != 0)
        return REFUSAL_INTERNAL;
    message_begin(reply, MESSAGE_SIGN_RESULT);
    message_put_text(reply, FIELD_AMZ_DATE, signature.amz_date);
    message_put_text(reply, FIELD_AUTHORIZATION, signature.authorization);
    if (token->length > 0)
        message_put_bytes(reply, FIELD_SESSION_TOKEN, token->data,
                          token->length);
    message_put_bytes(reply, FIELD_BODY, request->body.data,
                      request->body.length);
    return 0;
}

static int
answer_signing(struct message *reply, const struct message *message,
               const struct privilege *privilege, const struct policy *policy,
               struct report *report)
{
    struct request request = {0};
    int refusal = prepare(&request, message, privilege, policy, report);

    if (refusal == 0 && message_type(message) == MESSAGE_SIGN_REQUEST)
        refusal = sign(reply, &request, report);
    else if (refusal == 0) {
        message_begin(reply, MESSAGE_SIGN_DESCRIBED);
        message_put_number(reply, FIELD_CONTENT_LENGTH,
                           (int64_t)request.body.length);
    }
    if (refusal == 0) {
        message_put_text(reply, FIELD_ACCESS_KEY_ID, request.key.id);
        message_put_number(reply, FIELD_PROTECTION, request.key.protection);
    }
    signing_key_free(&request.key);
    secret_free(&request.session_token);
    secret_free(&request.body);
    return refusal;
}

void
request_answer(struct message *reply, const struct message *message,
               const struct privilege *privilege, const struct policy *policy)
{
    struct report report;
    int refusal;

    if (message_type(message) == MESSAGE_KEY_STORE)
        refusal = custody_store(reply, message, privilege, policy, &report);
    else if (message_type(message) == MESSAGE_KEY_REMOVE)
        refusal = custody_remove(reply, message, privilege, &report);
    else
        refusal = answer_signing(reply, message, privilege, policy, &report);
    if (refusal != 0) {
        message_begin(reply, MESSAGE_SIGN_REFUSED);
        message_put_number(reply, FIELD_REFUSAL, refusal);
        message_put_text(reply, FIELD_TEXT, report.text);
    }
}
