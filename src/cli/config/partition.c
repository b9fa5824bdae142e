/*
 * The table of partitions: see partition.h. Part of aws-session.
 */
#include "partition.h"

#include <stddef.h>
#include <string.h>

/*
 * IAM's hosts stand in the order: plain, FIPS, dual-stack, both. Where a host
 * looks odd (FIPS in China has another region than the rest), it is what the
 * rule set says.
 */
static const struct partition partitions[] = {
    {.name = "aws",
     .global_region = "aws-global",
     .prefixes = "us eu ap sa ca me af il mx",
     .suffix = "amazonaws.com",
     .dualstack_suffix = "api.aws",
     .dualstack = true,
     .iam = {{"iam.amazonaws.com", "us-east-1"},
             {"iam-fips.amazonaws.com", "us-east-1"},
             {"iam.global.api.aws", "us-east-1"},
             {"iam-fips.global.api.aws", "us-east-1"}}},
    {.name = "aws-cn",
     .global_region = "aws-cn-global",
     .prefixes = "cn",
     .suffix = "amazonaws.com.cn",
     .dualstack_suffix = "api.amazonwebservices.com.cn",
     .dualstack = true,
     .iam = {{"iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
             {"iam-fips.amazonaws.com.cn", "cn-northwest-1"},
             {"iam.global.api.amazonwebservices.com.cn", "cn-north-1"},
             {"iam-fips.api.amazonwebservices.com.cn", "cn-northwest-1"}}},
    {.name = "aws-us-gov",
     .global_region = "aws-us-gov-global",
     .prefixes = "us-gov",
     .suffix = "amazonaws.com",
     .dualstack_suffix = "api.aws",
     .dualstack = true,
     .iam = {{"iam.us-gov.amazonaws.com", "us-gov-west-1"},
             {"iam.us-gov.amazonaws.com", "us-gov-west-1"},
             {"iam.us-gov.api.aws", "us-gov-west-1"},
             {"iam.us-gov.api.aws", "us-gov-west-1"}}},
    {.name = "aws-eusc",
     .global_region = "aws-eusc-global",
     .prefixes = "eusc-de",
     .suffix = "amazonaws.eu",
     .dualstack_suffix = "api.amazonwebservices.eu",
     .dualstack = true,
     .iam = {{"iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
             {"iam-fips.amazonaws.eu", "eusc-de-east-1"},
             {"iam.api.amazonwebservices.eu", "eusc-de-east-1"},
             {"iam-fips.api.amazonwebservices.eu", "eusc-de-east-1"}}},
    {.name = "aws-iso",
     .global_region = "aws-iso-global",
     .prefixes = "us-iso",
     .suffix = "c2s.ic.gov",
     .dualstack_suffix = "api.aws.ic.gov",
     .dualstack = true,
     .iam = {{"iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
             {"iam-fips.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
             {"iam.api.aws.ic.gov", "us-iso-east-1"},
             {"iam-fips.api.aws.ic.gov", "us-iso-east-1"}}},
    {.name = "aws-iso-b",
     .global_region = "aws-iso-b-global",
     .prefixes = "us-isob",
     .suffix = "sc2s.sgov.gov",
     .dualstack_suffix = "api.aws.scloud",
     .dualstack = true,
     .iam = {{"iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
             {"iam-fips.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
             {"iam.api.aws.scloud", "us-isob-east-1"},
             {"iam-fips.api.aws.scloud", "us-isob-east-1"}}},
    {.name = "aws-iso-e",
     .global_region = "aws-iso-e-global",
     .prefixes = "eu-isoe",
     .suffix = "cloud.adc-e.uk",
     .dualstack_suffix = "api.cloud-aws.adc-e.uk",
     .iam = {{"iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
             {"iam-fips.cloud.adc-e.uk", "eu-isoe-west-1"},
             {"iam.api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
             {"iam-fips.api.cloud-aws.adc-e.uk", "eu-isoe-west-1"}}},
    {.name = "aws-iso-f",
     .global_region = "aws-iso-f-global",
     .prefixes = "us-isof",
     .suffix = "csp.hci.ic.gov",
     .dualstack_suffix = "api.aws.hci.ic.gov",
     .iam = {{"iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
             {"iam-fips.csp.hci.ic.gov", "us-isof-south-1"},
             {"iam.api.aws.hci.ic.gov", "us-isof-south-1"},
             {"iam-fips.api.aws.hci.ic.gov", "us-isof-south-1"}}},
};

/* The regions that existed before STS had an endpoint in each of them. */
static const char legacy_regions[] =
    " ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 aws-global"
    " ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3"
    " sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 ";

static const char digits[] = "0123456789";
#define ALPHANUMERIC                                                          \
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
static const char word_characters[] = ALPHANUMERIC "_";
static const char label_characters[] = ALPHANUMERIC "-";

/* Whether text is "-WORD-NUMBER", what follows the prefix of a region. */
static bool
is_place(const char *text)
{
    size_t length;

    if (*text++ != '-')
        return false;
    length = strspn(text, word_characters);
    if (length == 0 || text[length] != '-')
        return false;
    text += length + 1;
    length = strspn(text, digits);
    return length > 0 && text[length] == '\0';
}

static bool
has_region(const struct partition *partition, const char *region)
{
    const char *prefix = partition->prefixes;

    if (strcmp(region, partition->global_region) == 0)
        return true;
    while (*prefix != '\0') {
        size_t length = strcspn(prefix, " ");

        if (strncmp(region, prefix, length) == 0 && is_place(region + length))
            return true;
        prefix += length;
        prefix += strspn(prefix, " ");
    }
    return false;
}

const struct partition *
partition_of(const char *region)
{
    for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
        if (has_region(&partitions[i], region))
            return &partitions[i];
    }
    return &partitions[0];
}

bool
partition_region_is_valid(const char *region)
{
    size_t length = strspn(region, label_characters);

    return region[length] == '\0' && length > 0 && length <= 63 &&
           region[0] != '-' && region[length - 1] != '-' &&
           strspn(region, digits) != length;
}

bool
partition_region_is_legacy(const char *region)
{
    size_t length = strlen(region);
    const char *found = strstr(legacy_regions, region);

    for (; found != NULL; found = strstr(found + 1, region)) {
        if (found > legacy_regions && found[-1] == ' ' && found[length] == ' ')
            return true;
    }
    return false;
}
