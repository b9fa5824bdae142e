/*
 * Checks of the policy, the AWS files and the profile. Part of aws-session.
 */
#include "doctor_checks.h"
#include "keys/known_key.h"
#include "keys/stored_profile.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The remedy for a sentence that begins with a file and line, or with a
 * variable. Returns whether it is one.
 */
static bool
suggest_place(struct report *remedy, const struct report *why)
{
    static const char mark[] = " line ";
    const char *line = strstr(why->text, mark);
    size_t length;

    if (strncmp(why->text, "AWS_", 4) == 0) {
        length = strcspn(why->text, ":, ");
        report_set(remedy, "change %.*s, or unset it", (int)length, why->text);
        return true;
    }
    if (why->text[0] != '/' || line == NULL)
        return false;
    line += strlen(mark);
    line += strspn(line, "0123456789");
    length = (size_t)(line - why->text);
    report_set(remedy, "change %.*s", (int)length, why->text);
    return true;
}

void
doctor_check_policy(struct doctor *doctor)
{
    struct report report, ignored, *remedy;

    if (policy_load(&doctor->policy, &report) == 0) {
        doctor_ok(doctor, POLICY_PATH "%s",
                  access(POLICY_PATH, F_OK) == 0 ? " is right"
                                                 : " is not there: the "
                                                   "defaults hold");
        return;
    }
    (void)policy_parse(&doctor->policy, "", "", 0, &ignored);
    remedy = doctor_problem(
        doctor, "%s; no command that needs a session works", report.text);
    if (!suggest_place(remedy, &report))
        report_set(remedy, "sudo chown root " POLICY_PATH
                           " && sudo chmod 644 " POLICY_PATH);
}

void
doctor_check_files(struct doctor *doctor)
{
    struct report report, *remedy;
    char files[600];

    doctor->has_config = config_load(&doctor->config, &report) == 0;
    if (doctor->has_config) {
        doctor_ok(doctor, "%s",
                  config_describe(&doctor->config, files, sizeof(files)));
        return;
    }
    remedy = doctor_problem(doctor, "%s", report.text);
    if (!suggest_place(remedy, &report))
        report_set(remedy, "make that file one that you can read");
}

/* Who else can read, or change, a file. Returns whether nobody can. */
static bool
check_mode(struct doctor *doctor, const struct config_file *file, mode_t open)
{
    struct stat st;

    if (file->path == NULL || stat(file->path, &st) != 0)
        return true;
    if (st.st_uid != getuid() && st.st_uid != 0)
        report_set(doctor_warning(doctor,
                                  "%s belongs to user id %u, who can change "
                                  "it",
                                  file->path, (unsigned)st.st_uid),
                   "sudo chown %u '%s'", (unsigned)getuid(), file->path);
    else if ((st.st_mode & open) != 0)
        report_set(
            doctor_warning(doctor, "others can %s %s: its mode is %04o",
                           (st.st_mode & open & 022) != 0 ? "change" : "read",
                           file->path, (unsigned)(st.st_mode & 07777)),
            "chmod %s '%s'", open == 077 ? "600" : "go-w", file->path);
    else
        return true;
    return false;
}

/* A long-lived key in a file: one for roots of sessions, not one of them. */
static bool
is_long_lived(const struct doctor *doctor, const struct known_key *key)
{
    bool from_credentials = key->source == PARENT_CREDENTIALS_FILE;

    return (from_credentials || key->source == PARENT_CONFIG_FILE) &&
           config_get_in(&doctor->config, key->profile, "aws_session_token",
                         from_credentials) == NULL &&
           config_get_in(&doctor->config, key->profile, "aws_security_token",
                         from_credentials) == NULL;
}

/* Returns whether there are none. */
static bool
check_keys_in_files(struct doctor *doctor)
{
    struct known_keys keys;
    const struct known_key *first = NULL;
    struct report report;
    char where[512];
    size_t count = 0;

    if (known_keys_find(&keys, &doctor->config, &report) != 0)
        return true; /* the keyring: told of by its own check */
    for (size_t i = 0; i < keys.count; i++)
        if (is_long_lived(doctor, &keys.keys[i])) {
            first = first == NULL ? &keys.keys[i] : first;
            count++;
        }
    if (count > 0)
        report_set(doctor_warning(
                       doctor,
                       "%zu long-lived key%s in the AWS files, the first in "
                       "%s: every program of yours, and each backup, has %s",
                       count, count == 1 ? " is" : "s are",
                       config_where(&doctor->config, first->profile,
                                    "aws_access_key_id", where, sizeof(where)),
                       count == 1 ? "it" : "them"),
                   "aws-session import");
    known_keys_free(&keys);
    return count == 0;
}

void
doctor_check_credentials(struct doctor *doctor)
{
    bool good;

    if (!doctor->has_config)
        return;
    good = check_mode(doctor, &doctor->config.credentials, 077);
    good &= check_mode(doctor, &doctor->config.config, 022);
    good &= check_keys_in_files(doctor);
    if (good)
        doctor_ok(doctor, "no long-lived key in the AWS files, which nobody "
                          "else can change");
}

static void
refuse_profile(struct doctor *doctor, const struct report *why)
{
    const char *given = doctor->options->profile.profile;
    struct report ignored, *remedy = doctor_problem(doctor, "%s", why->text);
    const char *name = stored_profile_choose(given, &ignored);
    char where[600];

    if (suggest_place(remedy, why))
        return;
    if (name != NULL && config_has_profile(&doctor->config, name))
        report_set(remedy, "change the profile: %s",
                   config_where(&doctor->config, name, "role_arn", where,
                                sizeof(where)));
    else
        report_set(remedy, "aws-session list --profiles names those there "
                           "are");
}

void
doctor_check_profile(struct doctor *doctor)
{
    struct profile_options wanted = doctor->options->profile;
    struct profile *profile = &doctor->profile;
    struct report report;

    if (!doctor->has_config)
        return;
    wanted.is_stored = session_parent_is_stored;
    if (profile_resolve(profile, &doctor->config, &wanted, &report) != 0) {
        refuse_profile(doctor, &report);
        return;
    }
    doctor->has_profile = true;
    doctor_ok(doctor, "%s: region %s, %zu role%s, STS at %s", profile->name,
              profile->region != NULL ? profile->region : "not set",
              profile->role_count, profile->role_count == 1 ? "" : "s",
              profile->sts.origin);
}
