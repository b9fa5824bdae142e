/*
 * Checks of the kernel's keyrings. Part of aws-session.
 */
#include "doctor_checks.h"
#include "keyring.h"
#include "keys/key_quota.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROBE_SECONDS = 60, QUOTA_WARNING = 80 /* percent */ };

/* Store, read, remove: as with a session. */
static enum keyring_result
probe(struct report *report)
{
    static const char name[] = "aws-session:note:doctor", text[] = "probe";
    struct secret payload = {0};
    enum keyring_result result = keyring_store(
        KEYRING_USER, name, text, strlen(text), PROBE_SECONDS, report);

    if (result == KEYRING_OK)
        result = keyring_read(KEYRING_USER, name, &payload, report);
    keyring_remove(KEYRING_USER, name);
    secret_free(&payload);
    return result;
}

void
doctor_check_keyring(struct doctor *doctor)
{
    struct report report = {""};

    switch (probe(&report)) {
    case KEYRING_OK:
        doctor_ok(doctor,
                  "the user keyring takes and gives keys; persistent keyring: "
                  "%s",
                  keyring_special(KEYRING_PERSISTENT) != -1
                      ? "yes"
                      : "not of this kernel, which does not matter");
        break;
    case KEYRING_FULL:
        report_set(doctor_problem(doctor, "%s", report.text),
                   "aws-session clear, or raise kernel.keys.maxkeys and "
                   "kernel.keys.maxbytes (sysctl)");
        break;
    case KEYRING_ABSENT:
    case KEYRING_UNAVAILABLE:
        report_set(
            doctor_problem(doctor, "no session can be kept: %s", report.text),
            "in a container: let its seccomp profile pass add_key, "
            "keyctl and request_key; else use a kernel with "
            "CONFIG_KEYS");
        break;
    }
}

void
doctor_check_login(struct doctor *doctor)
{
    const char *state = keyring_login_is_revoked() ? "revoked (as in tmux "
                                                     "after the logout)"
                                                   : "missing";

    if (keyring_has_login())
        doctor_ok(doctor, "this login has a session keyring of its own");
    else if (doctor->policy.cache_scope != CACHE_SESSION)
        doctor_ok(doctor,
                  "the session keyring is %s: sessions are not in it, so it "
                  "does not matter",
                  state);
    else
        report_set(doctor_warning(doctor,
                                  "the session keyring is %s, so with "
                                  "cache_scope = session no session is kept",
                                  state),
                   "log in again where PAM runs pam_keyinit.so, or set "
                   "cache_scope = user in /etc/aws-session.conf");
}

/* A number in a file of /proc/sys, -1 if it cannot be read. */
static long
read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    long number = -1;

    if (file == NULL)
        return -1;
    if (fscanf(file, "%ld", &number) != 1)
        number = -1;
    fclose(file);
    return number;
}

/* The number behind "NAME =" in our own file for sysctl(8), -1 if it is not
 * there. */
static long
read_setting(FILE *file, const char *name)
{
    char line[256];
    long number = -1;
    size_t length = strlen(name);

    rewind(file);
    while (number < 0 && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, name, length) == 0 &&
            sscanf(line + length, " = %ld", &number) != 1)
            number = -1;
    return number;
}

void
doctor_check_limits(struct doctor *doctor)
{
    long keys = read_number("/proc/sys/kernel/keys/maxkeys");
    long bytes = read_number("/proc/sys/kernel/keys/maxbytes");
    FILE *file = fopen(SYSCTL_FILE, "re");

    if (file == NULL) {
        report_set(
            doctor_warning(doctor,
                           SYSCTL_FILE " is not installed: each user "
                                       "id may have %ld keys and %ld bytes",
                           keys, bytes),
            "install aws-session again, then: sudo sysctl -p " SYSCTL_FILE);
        return;
    }
    if (keys < read_setting(file, "kernel.keys.maxkeys") ||
        bytes < read_setting(file, "kernel.keys.maxbytes"))
        report_set(doctor_warning(doctor,
                                  SYSCTL_FILE
                                  " is not in force: each user id "
                                  "may have %ld keys and %ld bytes, too few "
                                  "for stored keys of many users",
                                  keys, bytes),
                   "sudo sysctl -p " SYSCTL_FILE);
    else
        doctor_ok(doctor,
                  SYSCTL_FILE " is in force: %ld keys, %ld bytes for each "
                              "user id",
                  keys, bytes);
    fclose(file);
}

void
doctor_check_quota(struct doctor *doctor)
{
    struct key_quota quota;

    if (key_quota_read(&quota) != 0 || quota.keys_most <= 0 ||
        quota.bytes_most <= 0) {
        doctor_ok(doctor, "no keys yet, or the kernel does not say");
        return;
    }
    if (quota.keys * 100 > quota.keys_most * QUOTA_WARNING ||
        quota.bytes * 100 > quota.bytes_most * QUOTA_WARNING)
        report_set(doctor_warning(doctor,
                                  "%ld of %ld keys and %ld of %ld bytes of "
                                  "user id %u are used: soon sessions make "
                                  "room for new ones",
                                  quota.keys, quota.keys_most, quota.bytes,
                                  quota.bytes_most, (unsigned)getuid()),
                   "aws-session clear, or: sudo sysctl -p " SYSCTL_FILE);
    else
        doctor_ok(doctor, "%ld of %ld keys, %ld of %ld bytes are used",
                  quota.keys, quota.keys_most, quota.bytes, quota.bytes_most);
}
