/*
 * What a person sees and types while an MFA device is made.
 *
 * Part of aws-session. On the controlling terminal only: what is shown here
 * is the seed of the device.
 */
#ifndef AWS_SESSION_PROVISION_DIALOG_H
#define AWS_SESSION_PROVISION_DIALOG_H

#include "report.h"
#include "secret.h"

#include <stdbool.h>

/* Nothing is owned. */
struct provision_dialog {
    int terminal;
    int watch_fd;        /* see terminal.h */
    const char *device;  /* its name and */
    const char *account; /* the account's id, for the app to show */
    bool as_text;        /* the seed as text, too */
};

/*
 * Show the QR code of the seed; as text, if the terminal is too small, or
 * says that it has no colours, or there is no QR code to be had. Returns 0, or
 * -1 with the report filled.
 */
int provision_dialog_show(const struct provision_dialog *dialog,
                          const struct secret *seed, struct report *report);

/*
 * Ask for two codes, one after the other. again: not for the first time, so
 * that the first one is waited for, too. Returns 0, or -1 with the report
 * filled: the terminal is gone, or watch_fd became readable.
 */
int provision_dialog_ask(const struct provision_dialog *dialog, bool again,
                         struct secret *first, struct secret *second,
                         struct report *report);

#endif
