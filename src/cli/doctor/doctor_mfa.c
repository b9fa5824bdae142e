/*
 * Check of the MFA device. Part of aws-session.
 */
#include "doctor_checks.h"
#include "mfa/mfa_device.h"

#include <string.h>

/* Where the serial number is to be changed, as a remedy. */
static void
suggest_change(struct report *remedy, const struct doctor *doctor)
{
    const struct profile *profile = &doctor->profile;
    bool in_name = config_get(&doctor->config, profile->name, "mfa_serial") !=
                   NULL;
    char where[600];

    if (profile->mfa_serial == NULL)
        report_set(remedy, "aws-session clear, which forgets it");
    else
        report_set(remedy, "change mfa_serial in %s",
                   config_where(&doctor->config,
                                in_name ? profile->name : profile->base,
                                "mfa_serial", where, sizeof(where)));
}

static void
refuse_list(struct doctor *doctor, const struct aws_error *error,
            const struct report *report)
{
    if (error->kind == STS_ERROR_AWS &&
        strcmp(error->code, "AccessDenied") == 0)
        report_set(doctor_warning(doctor, "AWS does not let you list your MFA "
                                          "devices, so they are not checked"),
                   "ask for an IAM policy that allows iam:ListMFADevices on "
                   "arn:aws:iam::*:user/${aws:username}, or set mfa_serial in "
                   "the profile");
    else
        report_set(doctor_warning(doctor, "%s", report->text),
                   "try again: aws-session doctor");
}

static void
check_listed(struct doctor *doctor, const struct mfa_devices *devices,
             const char *serial)
{
    if (devices->count == 0) {
        report_set(doctor_problem(
                       doctor,
                       "you have no MFA device that gives "
                       "codes%s",
                       devices->keys_count > 0 ? ", only a security key" : ""),
                   "aws-session provision-mfa");
        return;
    }
    for (size_t i = 0; i < devices->count; i++)
        if (strcmp(devices->serials[i], serial) == 0) {
            doctor_ok(doctor, "%s is yours", serial);
            return;
        }
    if (serial[0] == '\0')
        doctor_ok(doctor, "%s is yours%s", devices->serials[0],
                  devices->count > 1 ? ", and others are; mfa_serial chooses"
                                     : "");
    else
        suggest_change(doctor_problem(doctor,
                                      "%s is none of your MFA devices, one is "
                                      "%s",
                                      serial, devices->serials[0]),
                       doctor);
}

void
doctor_check_mfa(struct doctor *doctor)
{
    struct aws aws = AWS_CLOSED(doctor->profile.ca_bundle);
    /* A session with MFA may list where a policy wants MFA for it; that of a
     * role is not the user's. */
    const struct mfa_caller caller = {
        .aws = &aws,
        .profile = &doctor->profile,
        .signer = doctor_choose_signer(doctor,
                                       doctor->profile.role_count == 0)};
    struct mfa_devices devices;
    struct aws_error error = {0};
    struct report report;
    char serial[MFA_SERIAL_SIZE];

    if (!doctor->reached)
        return;
    (void)mfa_serial_known(&doctor->profile, doctor->parent.id, serial);
    if (mfa_device_list(&caller, &devices, &error, &report) != 0)
        refuse_list(doctor, &error, &report);
    else
        check_listed(doctor, &devices, serial);
    aws_close(&aws);
}
