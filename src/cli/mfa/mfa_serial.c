/*
 * Finding the MFA device: see mfa_serial.h. Part of aws-session.
 */
#include "mfa_serial.h"

#include "debug.h"
#include "mfa_device.h"
#include "note.h"
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char note_name[] = "mfa-serial";

/* The last part of arn:aws:iam::ACCOUNT:mfa/PATH/NAME. */
static const char *
device_name(const char *serial)
{
    const char *slash = strrchr(serial, '/');

    return slash != NULL ? slash + 1 : serial;
}

static void
report_devices(const struct mfa_devices *devices, struct report *report)
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
ask_device(const struct mfa_devices *devices, const char **chosen,
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
choose_device(const struct mfa_devices *devices,
              const struct mfa_identity *identity, const char **chosen,
              struct report *report)
{
    *chosen = NULL;
    if (devices->count == 0) {
        report_set(report,
                   "user %s has no MFA device that gives codes%s: register "
                   "an authenticator app with aws-session provision-mfa, or "
                   "in the IAM console under Security credentials",
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
    struct mfa_identity identity;
    struct mfa_devices devices;
    const struct mfa_caller caller = {aws, profile, *signer};
    struct aws_error error;
    const char *chosen;
    enum exit_status status;

    if (mfa_serial_known(profile, key_id, serial))
        return EXIT_DONE;
    if (mfa_identity_find(&caller, &identity, report) != 0)
        return EXIT_FAILED;
    if (mfa_device_list(&caller, &devices, &error, report) != 0) {
        if (strcmp(error.code, "AccessDenied") == 0)
            report_set(report,
                       "you may not list your MFA devices "
                       "(iam:ListMFADevices): set mfa_serial in profile "
                       "%.200s, often it is arn:aws:iam::%s:mfa/%s",
                       profile->base, identity.account, identity.user);
        return EXIT_FAILED;
    }
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
