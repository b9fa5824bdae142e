/*
 * Where STS and IAM are, and for which region a request to them is signed.
 *
 * Part of aws-session, runs as the user. Follows AWS's endpoint rules
 * (botocore's partitions and endpoint rule sets) and the service-specific
 * endpoints page of the AWS SDKs and Tools Reference Guide.
 *
 * Where we differ on purpose: with a custom endpoint and no region the AWS CLI
 * fails (NoRegionError); we sign for us-east-1, which is what users of
 * emulators expect. The CLI v2 ignores STS's legacy setting, v1 and we do not.
 */
#ifndef AWS_SESSION_ENDPOINT_H
#define AWS_SESSION_ENDPOINT_H

#include "config.h"

enum service { SERVICE_STS, SERVICE_IAM };

/* All zero is none. Strings are owned by the endpoint. */
struct endpoint {
    char *origin; /* scheme://host[:port], what to connect to */
    char *host;   /* Host header: lower case, port unless the default */
    char *path;   /* "/", or the prefix of a custom endpoint */
    char *region; /* of the signature */
    bool custom;  /* from a variable or the config file */
};

/*
 * Resolve the endpoint of a service. profile may name no existing profile;
 * region is the client's region, NULL for none; pseudo regions like
 * aws-global and fips-us-east-1 mean what they mean to AWS's tools. Reads
 * AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS/_IAM,
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, AWS_USE_FIPS_ENDPOINT,
 * AWS_USE_DUALSTACK_ENDPOINT, AWS_STS_REGIONAL_ENDPOINTS and the profile's
 * keys of the same meaning, with its "services" section. Plain http is
 * refused but for loopback hosts. Returns 0, or -1 with the report filled
 * (naming the variable, or the file and line); the endpoint is none then.
 */
int endpoint_resolve(struct endpoint *endpoint, enum service service,
                     const struct config *config, const char *profile,
                     const char *region, struct report *report);

/* Free. Takes an empty endpoint. */
void endpoint_free(struct endpoint *endpoint);

#endif
