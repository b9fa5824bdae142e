/*
 * Finding the parent key: see profile_parent.h. Part of aws-session, runs as
 * the user. The secret goes from the file's memory to the profile's, both of
 * them struct secret, and into no report.
 */
#include "profile_parent.h"

#include "profile_process.h"
#include "profile_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AWS's secrets have 40 characters, its key ids 20; the signer takes more. */
enum { WHERE_SIZE = 512, SECRET_LENGTH = 40, SECRET_MAX = 256 };

/* Of the key ids that STS gives (IAM User Guide, "Unique identifiers"). */
static const char temporary_prefix[] = "ASIA";

/* One place that may hold a key pair; NULL for what is not set. */
struct key_pair {
    enum parent_source source;
    const char *id;
    const char *secret;
    const char *id_where; /* for reports */
    const char *secret_where;
};

static bool
is_set(const char *value)
{
    return value != NULL && *value != '\0';
}

bool
profile_parent_is_stored(const struct profile_options *options,
                         const char *profile)
{
    return options->is_stored != NULL && options->is_stored(profile);
}

bool
profile_parent_exists(const struct config *config,
                      const struct profile_options *options,
                      const char *profile)
{
    return config_get(config, profile, "aws_access_key_id") != NULL ||
           config_get(config, profile, "aws_secret_access_key") != NULL ||
           profile_parent_is_stored(options, profile);
}

/* The pair is whole: check it, and copy it into the profile. */
static int
take_pair(struct profile *profile, const struct key_pair *pair,
          struct report *report)
{
    if (profile_value_check(VALUE_ACCESS_KEY_ID, pair->id, pair->id_where,
                            report) != 0)
        return -1;
    /* An id is shown and sent, so a secret must not pass for one. */
    if (strlen(pair->id) == SECRET_LENGTH)
        return report_set(report,
                          "%s: the access key id has %d characters, as a "
                          "secret access key has: are the two swapped?",
                          pair->id_where, SECRET_LENGTH);
    if (strncmp(pair->id, temporary_prefix, strlen(temporary_prefix)) == 0)
        return report_set(
            report,
            "%s: %.130s is a temporary access key, as of a role or a session, "
            "which cannot make an MFA session: use the long-lived one of an "
            "IAM user (AKIA...)",
            pair->id_where, pair->id);
    if (strlen(pair->secret) > SECRET_MAX)
        return report_set(report,
                          "%s: the secret access key has %zu characters; "
                          "AWS's have 40",
                          pair->secret_where, strlen(pair->secret));
    /* Else the only symptom would be AWS's "signature does not match". */
    if (strpbrk(pair->secret, " \t\n\r") != NULL)
        return report_set(report,
                          "%s: the secret access key has a blank in it%s",
                          pair->secret_where,
                          pair->source == PARENT_ENVIRONMENT
                              ? "; a newline counts as one: remove it"
                              : profile_value_hint(pair->secret));
    profile->access_key_id = strdup(pair->id);
    if (profile->access_key_id == NULL ||
        secret_set(&profile->secret, pair->secret, strlen(pair->secret)) != 0)
        return report_set(report, "out of memory for the access key");
    profile->parent = pair->source;
    return 0;
}

/* The token of temporary credentials: the old name goes first, as in botocore;
 * empty is unset. */
static const char *
environment_token(void)
{
    static const char *const names[] = {"AWS_SECURITY_TOKEN",
                                        "AWS_SESSION_TOKEN"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_set(getenv(names[i])))
            return names[i];
    }
    return NULL;
}

int
profile_parent_from_environment(struct profile *profile, struct report *report)
{
    struct key_pair pair = {.source = PARENT_ENVIRONMENT,
                            .id = getenv("AWS_ACCESS_KEY_ID"),
                            .secret = getenv("AWS_SECRET_ACCESS_KEY"),
                            .id_where = "AWS_ACCESS_KEY_ID",
                            .secret_where = "AWS_SECRET_ACCESS_KEY"};
    const char *token = environment_token();
    bool whole = is_set(pair.id) && is_set(pair.secret);

    if (!is_set(pair.id) && !is_set(pair.secret))
        return 0;
    if (token != NULL && is_set(getenv("AWS_SESSION_PROFILE")))
        return 0;
    if (!whole)
        return report_set(report,
                          "half a key pair: %s is set in the environment and "
                          "%s is not; set or unset both, or name a profile "
                          "with --profile",
                          is_set(pair.id) ? pair.id_where : pair.secret_where,
                          is_set(pair.id) ? pair.secret_where : pair.id_where);
    if (token != NULL)
        return report_set(report,
                          "the environment holds temporary credentials (%s), "
                          "which cannot make an MFA session: unset the "
                          "AWS_... variables of the key, or name a profile "
                          "with --profile",
                          token);
    return take_pair(profile, &pair, report);
}

int
profile_parent_from_stash(struct profile *profile, struct report *report)
{
    static const char variable[] = "AWS_SESSION_PARENT_KEY_ID";
    const char *id = getenv(variable);
    const char *ours = getenv("AWS_SESSION_PROFILE");

    if (!is_set(id) || !is_set(ours) || strcmp(ours, profile->name) != 0)
        return 0;
    if (profile_value_check(VALUE_ACCESS_KEY_ID, id, variable, report) != 0)
        return -1;
    profile->access_key_id = strdup(id);
    if (profile->access_key_id == NULL)
        return report_set(report, "out of memory for the access key");
    profile->parent = PARENT_STASHED;
    profile->stashed = true;
    return 0;
}

/* Where a key of one file stands, or the section that lacks it. */
static const char *
where_in(const struct config *config, const char *profile, const char *key,
         bool from_credentials, char buffer[WHERE_SIZE])
{
    const struct config_file *file = from_credentials ? &config->credentials
                                                      : &config->config;
    const struct config_section *section = config_section(config, profile,
                                                          from_credentials);
    const struct config_entry *entry = config_section_find(section, key);

    snprintf(buffer, WHERE_SIZE, "%s, line %u", file->path,
             entry != NULL ? entry->line : section->line);
    return buffer;
}

/* Temporary credentials in a file: a token next to the key. */
static int
refuse_token(const struct config *config, const char *profile,
             bool from_credentials, struct report *report)
{
    static const char *const keys[] = {"aws_security_token",
                                       "aws_session_token"};
    char where[WHERE_SIZE];

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (is_set(config_get_in(config, profile, keys[i], from_credentials)))
            return report_set(
                report,
                "%s: %s makes the key of profile '%.100s' a temporary one, "
                "which cannot make an MFA session: remove the line if it is "
                "left over, or name a profile with a long-lived key",
                where_in(config, profile, keys[i], from_credentials, where),
                keys[i], profile);
    }
    return 0;
}

/* Look for a key pair in one file: an id there decides, as in botocore. */
static int
take_from_file(struct profile *profile, const struct config *config,
               bool from_credentials, struct report *report)
{
    const char *base = profile->base;
    char id_where[WHERE_SIZE];
    char secret_where[WHERE_SIZE];
    struct key_pair pair = {
        .source = from_credentials ? PARENT_CREDENTIALS_FILE
                                   : PARENT_CONFIG_FILE,
        .id = config_get_in(config, base, "aws_access_key_id",
                            from_credentials),
        .secret = config_get_in(config, base, "aws_secret_access_key",
                                from_credentials),
        .id_where = id_where,
        .secret_where = secret_where};

    if (pair.id == NULL)
        return 0;
    where_in(config, base, "aws_access_key_id", from_credentials, id_where);
    where_in(config, base, "aws_secret_access_key", from_credentials,
             secret_where);
    if (!is_set(pair.id) || !is_set(pair.secret))
        return report_set(
            report,
            "%s: half a key pair: profile '%.100s' has no %s in this file; "
            "add it, or remove the other half",
            is_set(pair.id) ? id_where : secret_where, base,
            is_set(pair.id) ? "aws_secret_access_key" : "aws_access_key_id");
    if (refuse_token(config, base, from_credentials, report) != 0)
        return -1;
    return take_pair(profile, &pair, report);
}

/* A secret without an id anywhere: the CLI would ignore it silently. */
static int
refuse_lone_secret(const struct profile *profile, const struct config *config,
                   struct report *report)
{
    char where[WHERE_SIZE];

    if (!is_set(config_get(config, profile->base, "aws_secret_access_key")))
        return 0;
    return report_set(report,
                      "%s: half a key pair: profile '%.100s' has no "
                      "aws_access_key_id in this file; add it, or remove the "
                      "other half",
                      config_where(config, profile->base,
                                   "aws_secret_access_key", where,
                                   sizeof(where)),
                      profile->base);
}

/* Credentials of another kind: say why they do not help, and what does. */
static int
refuse_other_kinds(const struct profile *profile, const struct config *config,
                   struct report *report)
{
    static const struct {
        const char *key;
        const char *kind;
    } kinds[] = {
        {"web_identity_token_file", "a web identity"},
        {"sso_session", "IAM Identity Center (SSO)"},
        {"sso_account_id", "IAM Identity Center (SSO)"},
        {"sso_role_name", "IAM Identity Center (SSO)"},
        {"sso_start_url", "IAM Identity Center (SSO)"},
        {"login_session", "aws login"},
        {"credential_process", "a credential_process"},
    };
    char where[WHERE_SIZE];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *value = config_get(config, profile->base, kinds[i].key);

        if (value == NULL ||
            (strcmp(kinds[i].key, "credential_process") == 0 &&
             profile_process_is_own(value)))
            continue;
        return report_set(
            report,
            "%s: profile '%.100s' gets its credentials from %s, but an MFA "
            "session needs a long-lived access key: use the AWS CLI itself "
            "with this profile, or name one with such a key with --profile",
            config_where(config, profile->base, kinds[i].key, where,
                         sizeof(where)),
            profile->base, kinds[i].kind);
    }
    return 0;
}

int
profile_parent_from_files(struct profile *profile, const struct config *config,
                          const struct profile_options *options,
                          struct report *report)
{
    const char *base = profile->base;
    /* With a role_arn AWS's tools take the web identity whatever else there
     * is, so a key in the same profile is not what its writer meant. */
    bool is_web = config_get(config, base, "role_arn") != NULL &&
                  config_get(config, base, "web_identity_token_file") != NULL;

    if (!is_web) {
        if (take_from_file(profile, config, true, report) != 0)
            return -1;
        if (profile->parent == PARENT_NONE &&
            take_from_file(profile, config, false, report) != 0)
            return -1;
    }
    if (profile->parent != PARENT_NONE ||
        profile_parent_is_stored(options, base))
        return 0;
    if (!is_web && refuse_lone_secret(profile, config, report) != 0)
        return -1;
    return refuse_other_kinds(profile, config, report);
}
