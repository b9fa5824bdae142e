/*
 * Checks of the installation: the helpers, the signer, this process. Part of
 * aws-session.
 */
#include "doctor_checks.h"
#include "helper.h"
#include "keys/signer_state.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns whether the program is as it should be. */
static bool
check_program(struct doctor *doctor, const char *path, const char *mode)
{
    struct stat st;

    if (stat(path, &st) != 0)
        report_set(doctor_problem(doctor, "%s: %s", path, strerror(errno)),
                   "install aws-session again");
    else if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
        report_set(doctor_problem(doctor, "%s cannot be run: its mode is %04o",
                                  path, (unsigned)(st.st_mode & 07777)),
                   "sudo chmod %s %s", mode, path);
    else if ((st.st_mode & S_IWOTH) != 0)
        report_set(doctor_problem(doctor, "everybody can change %s", path),
                   "sudo chmod go-w %s, and install aws-session again", path);
    else
        return true;
    return false;
}

void
doctor_check_programs(struct doctor *doctor)
{
    bool signer = check_program(doctor, sign_path, "4711");
    bool sender = check_program(doctor, sts_path, "755");

    if (signer && sender)
        doctor_ok(doctor, "%s and %s can be run", sign_path, sts_path);
}

/* The commands that make the signer setuid to the service user. */
static void
suggest_setuid(struct report *remedy)
{
    report_set(remedy, "%ssudo chown " SIGNER_USER " %s && sudo chmod 4711 %s",
               getpwnam(SIGNER_USER) != NULL
                   ? ""
                   : "sudo useradd --system --no-create-home --home-dir "
                     "/nonexistent --shell /usr/sbin/nologin " SIGNER_USER
                     " && ",
               sign_path, sign_path);
}

/* The signer is setuid: to the user that it is meant to be? */
static void
check_owner(struct doctor *doctor, const struct report *why)
{
    const struct passwd *service = getpwnam(SIGNER_USER);
    struct stat st;

    if (stat(sign_path, &st) != 0)
        st.st_uid = (uid_t)-1;
    if (service == NULL)
        suggest_setuid(doctor_problem(
            doctor,
            "the signer %s is setuid to user id %u, and there is no "
            "user " SIGNER_USER ": whoever gets that id can read stored keys",
            sign_path, (unsigned)st.st_uid));
    else if (st.st_uid != service->pw_uid)
        suggest_setuid(doctor_problem(
            doctor,
            "the signer %s is setuid to user id %u, not to " SIGNER_USER
            ": that user can read stored keys",
            sign_path, (unsigned)st.st_uid));
    else
        doctor_ok(doctor, "stored keys are protected: %s", why->text);
}

void
doctor_check_signer(struct doctor *doctor)
{
    static const char open[] = "stored keys can be read by their users' "
                               "programs";
    struct report why;

    switch (signer_state_find(&why)) {
    case SIGNER_PROTECTS:
        check_owner(doctor, &why);
        break;
    case SIGNER_NOT_SETUID:
    case SIGNER_OF_CALLER:
        suggest_setuid(doctor_warning(doctor, "%s: %s", open, why.text));
        break;
    case SIGNER_OF_ROOT:
        suggest_setuid(doctor_problem(doctor, "%s", why.text));
        break;
    case SIGNER_OF_NOBODY:
        report_set(doctor_warning(doctor, "%s: %s", open, why.text),
                   "run it outside of this user namespace or container");
        break;
    case SIGNER_NOSUID:
        report_set(doctor_warning(doctor, "%s: %s", open, why.text),
                   "sudo mount -o remount,suid \"$(findmnt -n -o TARGET -T "
                   "%s)\", and the same in /etc/fstab",
                   sign_path);
        break;
    case SIGNER_NO_NEW_PRIVS:
        report_set(doctor_warning(doctor, "%s: %s", open, why.text),
                   "leave out what sets it: NoNewPrivileges= of a systemd "
                   "unit, no-new-privileges of a container, a sandbox");
        break;
    case SIGNER_MISSING:
    case SIGNER_STATE_COUNT:
        report_set(doctor_problem(doctor, "%s", why.text),
                   "install aws-session again");
        break;
    }
}

/* A number of /proc/self/status, -1 if it is not there. */
static long
read_status(const char *name)
{
    FILE *file = fopen("/proc/self/status", "re");
    size_t length = strlen(name), size = 0;
    char *line = NULL;
    long number = -1;

    if (file == NULL)
        return -1;
    while (number < 0 && getline(&line, &size, file) > 0)
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            number = strtol(line + length + 1, NULL, 10);
    free(line);
    fclose(file);
    return number;
}

void
doctor_check_process(struct doctor *doctor)
{
    long tracer = read_status("TracerPid");

    if (tracer > 0)
        report_set(doctor_warning(doctor,
                                  "process %ld traces this one: it can read "
                                  "each credential, and for a tracer that is "
                                  "not root's a setuid bit does not count",
                                  tracer),
                   "run it without a tracer (ps -p %ld names it)", tracer);
    else
        doctor_ok(doctor, "no tracer; seccomp filter: %s; no_new_privs: %s",
                  read_status("Seccomp") > 0 ? "yes" : "no",
                  read_status("NoNewPrivs") > 0 ? "yes" : "no");
}
