/*
 * AWS's partitions: which regions belong together, and how the hosts of STS
 * and IAM are called there.
 *
 * Part of aws-session, runs as the user. Follows botocore's partitions.json
 * and its endpoint rule sets of STS and IAM.
 */
#ifndef AWS_SESSION_PARTITION_H
#define AWS_SESSION_PARTITION_H

#include <stdbool.h>

/* Variants of an endpoint, a bit each; as an index they select a host. */
enum { VARIANT_FIPS = 1, VARIANT_DUALSTACK = 2, VARIANT_COUNT = 4 };

/* One host that serves IAM for a whole partition. */
struct partition_host {
    const char *host;
    const char *region; /* of the signature */
};

struct partition {
    const char *name;          /* as ARNs carry it */
    const char *global_region; /* the pseudo region of the whole partition */
    const char *prefixes;      /* of region names, a blank between two */
    const char *suffix;        /* of host names */
    const char *dualstack_suffix;
    bool dualstack; /* AWS's tools accept dual-stack here */
    struct partition_host iam[VARIANT_COUNT];
};

/* The partition of a region; the one called "aws" for unknown regions. */
const struct partition *partition_of(const char *region);

/* Whether a region's name can stand in a host name (RFC 1123's label). */
bool partition_region_is_valid(const char *region);

/* Whether STS's legacy setting sends the region to the global endpoint. */
bool partition_region_is_legacy(const char *region);

#endif
