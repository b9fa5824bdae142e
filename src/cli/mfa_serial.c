/*
 * Finding the MFA device: see mfa_serial.h. Part of aws-session.
 */
#include "mfa_serial.h"

#include "aws_error.h"
#include "debug.h"
#include "note.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* AWS allows eight devices per user. */
enum { MAX_DEVICES = 16, MAX_PAGES = 16 };

static const char note_name[] = "mfa-serial";

/* The devices of a user that give six-digit codes. */
struct devices {
    char serials[MAX_DEVICES][MFA_SERIAL_SIZE];
    size_t count;
    size_t keys_count; /* FIDO security keys, which give no codes */
};

/* Who the signer is. */
struct identity {
    char arn[2049];
    char account[257];
    const char *user; /* name of the IAM user, points into arn */
};

static int
get_identity(struct aws *aws, const struct profile *profile,
             const struct aws_signer *signer, struct identity *identity,
             struct report *report)
{
    struct aws_request request = {
        .operation = OPERATION_GET_CALLER_IDENTITY,
        .endpoint = &profile->sts,
        .signer = *signer,
    };
    struct message answer = {0};
    struct aws_error error;
    const char *user;
    int result = -1;

    if (aws_call(aws, &request, &answer, &error, report) != 0)
        goto done;
    message_text(&answer, FIELD_ARN, identity->arn, sizeof(identity->arn));
    message_text(&answer, FIELD_ACCOUNT, identity->account,
                 sizeof(identity->account));
    debug_log("the key is of %s", identity->arn);
    user = strstr(identity->arn, ":user/");
    if (user != NULL) {
        identity->user = strrchr(user, '/') + 1;
        result = 0;
    } else if (strstr(identity->arn, ":root") != NULL) {
        report_set(report,
                   "the key of profile %.200s is of the account's root user; "
                   "better use an IAM user. If it must be: set mfa_serial = "
                   "arn:aws:iam::%s:mfa/root-account-mfa-device in the "
                   "profile; a session then lasts one hour at most",
                   profile->base, identity->account);
    } else {
        report_set(report,
                   "the key of profile %.200s is of %.400s, and AWS gives "
                   "MFA sessions to IAM users only: use an IAM user's key, "
                   "with role_arn and source_profile for the role",
                   profile->base, identity->arn);
    }
done:
    message_free(&answer);
    return result;
}

static void
add_devices(const struct message *answer, struct devices *devices)
{
    const char *value;
    size_t cursor = 0, length;

    while ((value = message_next(answer, FIELD_DEVICE, &cursor, &length)) !=
           NULL) {
        char *serial = devices->serials[devices->count];

        if (devices->count == MAX_DEVICES || length >= MFA_SERIAL_SIZE)
            continue;
        memcpy(serial, value, length);
        serial[length] = '\0';
        report_clean(serial); /* it may be shown on the terminal */
        if (strstr(serial, ":u2f/") != NULL)
            devices->keys_count++;
        else
            devices->count++;
    }
}

static int
list_devices(struct aws *aws, const struct profile *profile,
             const struct aws_signer *signer, const struct identity *identity,
             struct devices *devices, struct report *report)
{
    struct aws_request request = {
        .operation = OPERATION_LIST_MFA_DEVICES,
        .endpoint = &profile->iam,
        .signer = *signer,
    };
    struct message answer = {0};
    struct aws_error error;
    char *marker = NULL;
    int result = -1;

    for (int page = 0; page < MAX_PAGES; page++) {
        request.marker = marker;
        if (aws_call(aws, &request, &answer, &error, report) != 0) {
            if (strcmp(error.code, "AccessDenied") == 0)
                report_set(report,
                           "you may not list your MFA devices "
                           "(iam:ListMFADevices): set mfa_serial in profile "
                           "%.200s, often it is arn:aws:iam::%s:mfa/%s",
                           profile->base, identity->account, identity->user);
            goto done;
        }
        add_devices(&answer, devices);
        free(marker);
        marker = message_text_copy(&answer, FIELD_MARKER);
        if (marker == NULL) {
            result = 0;
            goto done;
        }
    }
    report_set(report, "the list of MFA devices has no end: set mfa_serial "
                       "in the profile");
done:
    free(marker);
    message_free(&answer);
    return result;
}

/* The last part of arn:aws:iam::ACCOUNT:mfa/PATH/NAME. */
static const char *
device_name(const char *serial)
{
    const char *slash = strrchr(serial, '/');

    return slash != NULL ? slash + 1 : serial;
}

static void
report_devices(const struct devices *devices, struct report *report)
{
    char list[REPORT_SIZE - 128] = "";
    size_t used = 0;

    /* As many as fit: one is enough to see what they look like. */
    for (size_t i = 0; i < devices->count; i++) {
        const char *serial = devices->serials[i];

        if (used + strlen(serial) + 3 > sizeof(list))
            break;
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
                                 used > 0 ? ", " : "", serial);
    }
    report_set(report,
               "there are %zu MFA devices and %s which: set mfa_serial to one "
               "of them: %s",
               devices->count, terminal_absence(), list);
}

static enum exit_status
ask_device(const struct devices *devices, const char **chosen,
           struct report *report)
{
    char line[64];
    char *end;
    enum terminal_result read;
    int terminal = terminal_open();
    unsigned long number;

    if (terminal < 0) {
        report_devices(devices, report);
        return EXIT_NOBODY_ASKED;
    }
    terminal_write(terminal, "Several MFA devices:\n");
    for (size_t i = 0; i < devices->count; i++) {
        char text[MFA_SERIAL_SIZE + 32];

        snprintf(text, sizeof(text), "  %zu  %s\n", i + 1,
                 devices->serials[i]);
        terminal_write(terminal, text);
    }
    while (*chosen == NULL) {
        terminal_write(terminal, "Which one (its number)");
        terminal_write(terminal, terminal_skip_hint());
        terminal_write(terminal, ": ");
        read = terminal_read_line(terminal, line, sizeof(line), -1, -1);
        if (read != TERMINAL_LINE) {
            if (read != TERMINAL_SKIPPED)
                terminal_write(terminal, "\n");
            report_set(report, "no MFA device was chosen: set mfa_serial in "
                               "the profile to be asked no more");
            break;
        }
        number = strtoul(line, &end, 10);
        if (end != line && *end == '\0' && number >= 1 &&
            number <= devices->count)
            *chosen = devices->serials[number - 1];
    }
    close(terminal);
    return *chosen != NULL ? EXIT_DONE : EXIT_FAILED;
}

static enum exit_status
choose_device(const struct devices *devices, const struct identity *identity,
              const char **chosen, struct report *report)
{
    *chosen = NULL;
    if (devices->count == 0) {
        report_set(report,
                   "user %s has no MFA device that gives codes%s: register "
                   "an authenticator app in the IAM console under Security "
                   "credentials, then try again",
                   identity->user,
                   devices->keys_count > 0 ? ", only a security key" : "");
        return EXIT_FAILED;
    }
    if (devices->count == 1)
        *chosen = devices->serials[0];
    for (size_t i = 0; i < devices->count && *chosen == NULL; i++)
        if (strcmp(device_name(devices->serials[i]), identity->user) == 0)
            *chosen = devices->serials[i];
    return *chosen != NULL ? EXIT_DONE : ask_device(devices, chosen, report);
}

bool
mfa_serial_known(const struct profile *profile, const char *key_id,
                 char serial[MFA_SERIAL_SIZE])
{
    serial[0] = '\0';
    if (profile->mfa_serial != NULL) {
        snprintf(serial, MFA_SERIAL_SIZE, "%s", profile->mfa_serial);
        return true;
    }
    if (note_read(note_name, key_id, serial, MFA_SERIAL_SIZE) <= 0)
        return false;
    debug_log("MFA device %s, remembered", serial);
    return true;
}

enum exit_status
mfa_serial_find(struct aws *aws, const struct profile *profile,
                const struct aws_signer *signer, const char *key_id,
                char serial[MFA_SERIAL_SIZE], struct report *report)
{
    struct identity identity = {0};
    struct devices devices = {0};
    const char *chosen;
    enum exit_status status;

    if (mfa_serial_known(profile, key_id, serial))
        return EXIT_DONE;
    if (get_identity(aws, profile, signer, &identity, report) != 0 ||
        list_devices(aws, profile, signer, &identity, &devices, report) != 0)
        return EXIT_FAILED;
    status = choose_device(&devices, &identity, &chosen, report);
    if (status != EXIT_DONE)
        return status;
    debug_log("MFA device %s, of %zu", chosen, devices.count);
    snprintf(serial, MFA_SERIAL_SIZE, "%s", chosen);
    mfa_serial_remember(key_id, serial);
    return EXIT_DONE;
}

void
mfa_serial_remember(const char *key_id, const char *serial)
{
    note_write(note_name, key_id, serial, 0);
}

void
mfa_serial_forget(const char *key_id)
{
    note_remove(note_name, key_id);
}
