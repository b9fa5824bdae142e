/*
 * MFA devices: see mfa_devices.h. Part of aws-session.
 */
#include "mfa_devices.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAGES = 16 };

static void
add_page(const struct message *answer, struct mfa_devices *devices)
{
    const char *value;
    size_t cursor = 0, length;

    while ((value = message_next(answer, FIELD_DEVICE, &cursor, &length)) !=
           NULL) {
        char *serial = devices->serials[devices->count];

        if (devices->count == MFA_DEVICES_MAX || length >= MFA_SERIAL_SIZE)
            continue;
        memcpy(serial, value, length);
        serial[length] = '\0';
        report_clean(serial); /* it may be shown on the terminal */
        if (strstr(serial, ":u2f/") != NULL)
            devices->security_keys++;
        else
            devices->count++;
    }
}

int
mfa_devices_list(struct aws *aws, const struct endpoint *iam,
                 const struct aws_signer *signer, struct mfa_devices *devices,
                 struct aws_error *error, struct report *report)
{
    struct aws_request request = {.operation = OPERATION_LIST_MFA_DEVICES,
                                  .endpoint = iam,
                                  .signer = *signer};
    struct message answer = {0};
    char *marker = NULL;
    int result = -1;

    *devices = (struct mfa_devices){0};
    for (int page = 0; page < MAX_PAGES; page++) {
        request.marker = marker;
        if (aws_call(aws, &request, &answer, error, report) != 0)
            goto done;
        add_page(&answer, devices);
        free(marker);
        marker = message_text_copy(&answer, FIELD_MARKER);
        if (marker == NULL) {
            result = 0;
            goto done;
        }
    }
    *error = (struct aws_error){0};
    report_set(report, "the list of MFA devices has no end: set mfa_serial "
                       "in the profile");
done:
    free(marker);
    message_free(&answer);
    return result;
}
