/*
 * Profiles, merged from the config and the credentials file.
 *
 * Part of aws-session, runs as the user. Follows botocore.configloader and
 * botocore.session: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, which
 * section names are profiles, credentials file before config file key by key,
 * nothing inherited from [default].
 */
#ifndef AWS_SESSION_CONFIG_H
#define AWS_SESSION_CONFIG_H

#include "config_file.h"

#include <stdbool.h>

/*
 * All zero is an empty configuration. Strings that come from here live as
 * long as it does, and only in this process: see struct config_file.
 */
struct config {
    struct config_file config;
    struct config_file credentials;
    char *config_path;      /* where they were looked for, found or not; */
    char *credentials_path; /* NULL: nowhere */
    struct config_profile *profiles; /* private to config.c */
    size_t profile_count;
    char *names; /* private to config.c */
};

/*
 * Read both files: AWS_CONFIG_FILE (~/.aws/config) and
 * AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials), with ~ and $VAR expanded;
 * set but empty means no file. A user without a home directory has none.
 * Returns 0, or -1 with the report filled.
 */
int config_load(struct config *config, struct report *report);

/*
 * Find the profiles of two files that are parsed already: the second half of
 * config_load. Returns 0, or -1 with the report filled.
 */
int config_index(struct config *config, struct report *report);

/*
 * Say which files were read, for reports and --debug: "PATH and PATH", with
 * "(missing)" or "(no regular file)" behind one that is not there. Written to
 * buffer, which is also returned.
 */
const char *config_describe(const struct config *config, char *buffer,
                            size_t size);

/* Whether the profile exists in either file. */
bool config_has_profile(const struct config *config, const char *profile);

/* The name of the index-th profile of both files, sorted by bytes. */
const char *config_profile_name(const struct config *config, size_t index);

/* The profile's section in one file, NULL if it has none there. */
const struct config_section *config_section(const struct config *config,
                                            const char *profile,
                                            bool from_credentials);

/* The merged value of a profile's key, NULL if it is not set. */
const char *config_get(const struct config *config, const char *profile,
                       const char *key);

/* The value of a key in one file only: credentials if from_credentials. */
const char *config_get_in(const struct config *config, const char *profile,
                          const char *key, bool from_credentials);

/*
 * Where a profile's key stands, for reports: "FILE, line N"; for a key that
 * is not set, where the profile's section begins. Written to buffer, which is
 * also returned.
 */
const char *config_where(const struct config *config, const char *profile,
                         const char *key, char *buffer, size_t size);

/*
 * A [services NAME] section of the config file, NULL if there is none. It is
 * the last one, should several names mean the same.
 */
const struct config_section *config_services(const struct config *config,
                                             const char *name);

/*
 * The existing profile whose name is nearest to an unknown one, for "did you
 * mean"; NULL if none is near (edit distance over a third of the length).
 */
const char *config_nearest(const struct config *config, const char *profile);

/* Wipe and free. Takes an empty configuration. */
void config_free(struct config *config);

#endif
