/*
 * A new MFA device: see provision.h. Part of aws-session.
 */
#include "provision.h"

#include "debug.h"
#include "dialog.h"
#include "fault_point.h"
#include "lock.h"
#include "mfa.h"
#include "mfa_seed.h"
#include "provision_dialog.h"
#include "provision_signer.h"
#include "signal_watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { DEVICES_OF_A_USER = 8 }; /* AWS's quota */

struct provision {
    struct provision_signer signer;
    struct mfa_identity identity;
    struct mfa_devices devices;
    const char *name;
    char serial[MFA_SERIAL_SIZE]; /* as AWS will call the device, or does */
    struct secret seed;
    struct signal_watch watch;
    struct provision_dialog dialog;
};

/* As CreateVirtualMFADevice takes it, and in the length of the console. */
static int
check_name(const char *name, struct report *report)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
    size_t length = strlen(name);

    if (length == 0 || length > MFA_DEVICE_NAME_MAX ||
        strspn(name, good) != length)
        return report_set(report,
                          "'%.200s' is no name for an MFA device: it takes up "
                          "to %d letters, digits and _+=,.@-",
                          name, MFA_DEVICE_NAME_MAX);
    return 0;
}

/* Choose the name, or say why there is to be no device. */
static int
check_devices(struct provision *provision, const char *name,
              struct report *report)
{
    const struct mfa_identity *identity = &provision->identity;
    const struct mfa_devices *devices = &provision->devices;
    size_t count = devices->count + devices->keys_count;
    size_t account = (size_t)(strstr(identity->arn, ":user/") - identity->arn);

    if (count >= DEVICES_OF_A_USER)
        return report_set(report,
                          "user %s has %zu MFA devices, and AWS allows %d: "
                          "remove one in the IAM console first",
                          identity->user, count, DEVICES_OF_A_USER);
    if (name == NULL && count > 0)
        return report_set(report,
                          "user %s has an MFA device already, %s; to make one "
                          "more, give it a name: aws-session provision-mfa "
                          "NAME",
                          identity->user,
                          devices->count > 0 ? devices->serials[0]
                                             : "a security key");
    provision->name = name != NULL ? name : identity->user;
    snprintf(provision->serial, sizeof(provision->serial), "%.*s:mfa/%s",
             (int)account, identity->arn, provision->name);
    for (size_t i = 0; i < devices->count; i++)
        if (strcmp(devices->serials[i], provision->serial) == 0)
            return report_set(report,
                              "%s is your MFA device, and enabled: give "
                              "another NAME to make one more",
                              provision->serial);
    return 0;
}

/*
 * The way back: the half-made device goes. Returns -1 with what became of it
 * behind the cause that the report has; or 0 if it turns out to be enabled.
 */
static int
discard(struct provision *provision, struct report *report)
{
    struct provision_signer *signer = &provision->signer;
    struct report cause = *report, why;
    struct aws_error error;

    aws_close(&signer->aws); /* it may be what does not work */
    if (mfa_device_delete(&signer->caller, provision->serial, &error, &why) ==
        0)
        return report_set(report,
                          "%.600s. The new MFA device %s is deleted again",
                          cause.text, provision->serial);
    if (mfa_error_is_in_use(&error))
        return 0;
    return report_set(report,
                      "%.240s. The new MFA device is still there, not "
                      "enabled: %.200s. Run this command again, which "
                      "offers to delete it, or: aws iam "
                      "delete-virtual-mfa-device --serial-number %s",
                      cause.text, why.text, provision->serial);
}

/* One of that name is there: of a run that was killed, or of somebody else. */
static int
offer_deletion(struct provision *provision, struct report *report)
{
    char question[MFA_SERIAL_SIZE + 160];
    struct aws_error error;

    snprintf(question, sizeof(question),
             "%s is there already, and not enabled for you:\nleft by a run "
             "that was interrupted? Delete it and make it anew?",
             provision->serial);
    if (dialog_confirm(question) != DIALOG_YES)
        return report_set(report,
                          "there is an MFA device %s already: give another "
                          "NAME, or delete it if it is of no use: aws iam "
                          "delete-virtual-mfa-device --serial-number %s",
                          provision->serial, provision->serial);
    if (mfa_device_delete(&provision->signer.caller, provision->serial, &error,
                          report) == 0)
        return 0;
    if (mfa_error_is_in_use(&error))
        report_set(report,
                   "%s is somebody's MFA device, and enabled: give another "
                   "NAME",
                   provision->serial);
    return -1;
}

/* Whether a device may be there that nobody can use: its seed was lost. */
static bool
is_unsure(const struct aws_error *error)
{
    return error->sent && error->kind != STS_ERROR_AWS &&
           error->kind != STS_ERROR_THROTTLED;
}

/* Make the device. From the first call on the signals are watched. */
static int
make(struct provision *provision, struct report *report)
{
    const struct mfa_caller *caller = &provision->signer.caller;
    struct secret sent = {0};
    struct aws_error error;
    int result = -1;

    for (int tries = 1; result != 0; tries++) {
        aws_close(caller->aws); /* the next one is deaf to Ctrl-C */
        if (signal_watch_begin(&provision->watch, report) != 0)
            break;
        result = mfa_device_create(caller, provision->name, provision->serial,
                                   &sent, &error, report);
        if (result == 0 || tries > 1 || !mfa_error_is_name_taken(&error))
            break;
        signal_watch_end(&provision->watch);
        if (offer_deletion(provision, report) != 0)
            break;
    }
    if (result == 0)
        fault_point("the device is made");
    if (result == 0 && mfa_seed_decode(&provision->seed, &sent, report) != 0)
        result = -1;
    else if (result == 0 || provision->watch.fd < 0 || !is_unsure(&error))
        goto done;
    (void)discard(provision, report);
done:
    secret_free(&sent);
    return result;
}

/* Show it, and enable it by two codes, of which AWS may refuse two pairs. */
static int
show_and_enable(struct provision *provision, struct report *report)
{
    const struct mfa_caller *caller = &provision->signer.caller;
    struct provision_dialog *dialog = &provision->dialog;
    struct secret first = {0}, second = {0};
    struct aws_error error;
    int result = -1;

    dialog->watch_fd = provision->watch.fd;
    dialog->device = provision->name;
    dialog->account = provision->identity.account;
    if (provision_dialog_show(dialog, &provision->seed, report) != 0)
        return -1;
    secret_free(&provision->seed);
    for (int tries = 1; result != 0; tries++) {
        if (provision_dialog_ask(dialog, tries > 1, &first, &second, report) !=
            0)
            break;
        result = mfa_device_enable(caller, provision->identity.user,
                                   provision->serial, &first, &second, &error,
                                   report);
        if (result == 0 || tries == MFA_TRIES ||
            !mfa_error_is_wrong_codes(&error))
            break;
        terminal_write(dialog->terminal, report->text);
        terminal_write(dialog->terminal, ".\n");
    }
    secret_free(&first);
    secret_free(&second);
    return result;
}

/* What is true now. */
static void
remember(const struct provision *provision)
{
    const struct provision_signer *signer = &provision->signer;
    const char *configured = signer->profile.mfa_serial;

    mfa_serial_remember(signer->parent.id, provision->serial);
    if (configured == NULL || strcmp(configured, provision->serial) == 0) {
        printf("MFA device %s of user %s is enabled, and used from now on.\n",
               provision->serial, provision->identity.user);
    } else {
        printf("MFA device %s of user %s is enabled.\n", provision->serial,
               provision->identity.user);
        warn_line("another device is used as long as mfa_serial = %s stands "
                  "in %s",
                  configured, signer->setting);
    }
    fflush(stdout);
    terminal_write(provision->dialog.terminal,
                   "AWS may need half a minute to know it. Clear the screen "
                   "and its history: what\nwas shown on it is the device.\n");
}

/* All that comes before anything is made. */
static enum exit_status
prepare(struct provision *provision, const struct session_options *options,
        const char *name, struct report *report)
{
    struct provision_signer *signer = &provision->signer;
    struct aws_error error;

    if ((name != NULL && check_name(name, report) != 0) ||
        provision_signer_begin(signer, options, report) != 0 ||
        mfa_identity_find(&signer->caller, &provision->identity, report) !=
            0 ||
        mfa_device_list(&signer->caller, &provision->devices, &error,
                        report) != 0 ||
        check_devices(provision, name, report) != 0)
        return EXIT_FAILED;
    return provision_signer_choose(signer, options, &provision->identity,
                                   provision->devices.count > 0,
                                   provision->dialog.terminal, report);
}

static enum exit_status
run(struct provision *provision, const struct session_options *options,
    const char *name, struct report *report)
{
    enum exit_status status = prepare(provision, options, name, report);

    if (status != EXIT_DONE)
        return status;
    if (make(provision, report) != 0 ||
        (show_and_enable(provision, report) != 0 &&
         discard(provision, report) != 0))
        return EXIT_FAILED;
    remember(provision);
    return EXIT_DONE;
}

enum exit_status
provision_run(const struct session_options *options, const char *name,
              bool as_text, struct report *report)
{
    struct provision provision = {.signer = PROVISION_SIGNER_NONE,
                                  .watch = SIGNAL_WATCH_NONE,
                                  .dialog = {.as_text = as_text}};
    struct lock lock = LOCK_NONE;
    enum exit_status status = EXIT_FAILED;

    /* A seed passes through here: no program may look into us. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    provision.dialog.terminal = terminal_open();
    if (provision.dialog.terminal < 0) {
        report_set(report,
                   "an MFA device is shown on a terminal and asks for two "
                   "codes, but %s",
                   terminal_absence());
        return EXIT_NOBODY_ASKED;
    }
    if (lock_try(&lock, "provision-mfa") != 0)
        report_set(report, "another aws-session provision-mfa of yours is "
                           "running: end it first");
    else
        status = run(&provision, options, name, report);
    /* A signal that was held will end us before anybody else can say it. */
    if (provision.watch.fd >= 0 && signal_watch_has_caught(&provision.watch) &&
        status != EXIT_DONE)
        warn_line("%s", report->text);
    secret_free(&provision.seed);
    provision_signer_end(&provision.signer);
    lock_release(&lock);
    close(provision.dialog.terminal);
    signal_watch_end(&provision.watch);
    return status;
}
