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

/* All zero is an empty configuration. */
struct config {
    struct config_file config;
    struct config_file credentials;
    struct config_profile *profiles; /* private to config.c */
    size_t profile_count;
};

/*
 * Read both files: AWS_CONFIG_FILE (~/.aws/config) and
 * AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials), with ~ and $VAR expanded;
 * set but empty means no file. A user without a home directory has none.
 * Returns 0, or -1 with the report filled.
 */
int config_load(struct config *config, struct report *report);

/* Whether the profile exists in either file. */
bool config_has_profile(const struct config *config, const char *profile);

/* The merged value of a profile's key, NULL if it is not set. */
const char *config_get(const struct config *config, const char *profile,
                       const char *key);

/* The value of a key in one file only: credentials if from_credentials. */
const char *config_get_in(const struct config *config, const char *profile,
                          const char *key, bool from_credentials);

/*
 * Where a profile's key stands, for reports: "FILE, line N"; written to
 * buffer, which is also returned.
 */
const char *config_where(const struct config *config, const char *profile,
                         const char *key, char *buffer, size_t size);

/* A [services NAME] section of the config file, NULL if there is none. */
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
