/*
 * Endpoints of STS and IAM: see endpoint.h. Part of aws-session, runs as the
 * user. Opens no connection and resolves no name.
 */
#include "endpoint.h"

#include "endpoint_url.h"
#include "partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHERE_SIZE = 512, REGION_SIZE = 64 };

static const struct {
    const char *key;      /* in a [services] section */
    const char *variable; /* of the endpoint URL */
} services[] = {
    [SERVICE_STS] = {"sts", "AWS_ENDPOINT_URL_STS"},
    [SERVICE_IAM] = {"iam", "AWS_ENDPOINT_URL_IAM"},
};

/* What everything here is asked about. */
struct question {
    enum service service;
    const struct config *config;
    const char *profile;
    struct report *report;
};

/* A custom endpoint as it was found; url is NULL if there is none. */
struct custom {
    const char *url;
    char *block; /* owns url when it stood in a nested block */
    char where[WHERE_SIZE];
};

/* A variable that is set, even to nothing, hides the profile's key. */
static const char *
setting(const struct question *question, const char *variable, const char *key)
{
    const char *value = getenv(variable);

    return value != NULL
               ? value
               : config_get(question->config, question->profile, key);
}

/* AWS's tools take no other text than "true" for yes. */
static bool
setting_is_true(const struct question *question, const char *variable,
                const char *key)
{
    const char *value = setting(question, variable, key);

    return value != NULL && strcasecmp(value, "true") == 0;
}

static bool
from_variable(struct custom *custom, const char *variable)
{
    const char *value = getenv(variable);

    if (value == NULL || *value == '\0')
        return false;
    custom->url = value;
    snprintf(custom->where, sizeof(custom->where), "%s", variable);
    return true;
}

/* endpoint_url in the block of the service in [services NAME]. */
static int
from_services(struct custom *custom, const struct question *question)
{
    const struct config *config = question->config;
    const char *name = config_get(config, question->profile, "services");
    const struct config_section *section;
    const struct config_entry *entry;
    size_t size;

    if (name == NULL)
        return 0;
    section = config_services(config, name);
    if (section == NULL || section->entry_count + section->default_count == 0)
        return report_set(
            question->report,
            "%s: services = %.100s, but there is no section "
            "[services %.100s] with a key in the config file: add "
            "it, or remove the line",
            config_where(config, question->profile, "services", custom->where,
                         sizeof(custom->where)),
            name, name);
    entry = config_section_find(section, services[question->service].key);
    if (entry == NULL || !entry->nested)
        return 0;
    size = strlen(entry->value) + 1;
    custom->block = malloc(size);
    if (custom->block == NULL)
        return report_set(question->report, "out of memory");
    if (config_nested_get(entry->value, "endpoint_url", custom->block, size) >
        0)
        custom->url = custom->block;
    snprintf(custom->where, sizeof(custom->where), "%s, line %u",
             config->config.path, entry->line);
    return 0;
}

static int
find_custom(struct custom *custom, const struct question *question)
{
    const char *url;

    if (setting_is_true(question, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                        "ignore_configured_endpoint_urls"))
        return 0;
    /* The general variable goes before the service's own key in the file. */
    if (from_variable(custom, services[question->service].variable) ||
        from_variable(custom, "AWS_ENDPOINT_URL"))
        return 0;
    if (from_services(custom, question) != 0)
        return -1;
    if (custom->url != NULL)
        return 0;
    url = config_get(question->config, question->profile, "endpoint_url");
    if (url != NULL && *url != '\0') {
        custom->url = url;
        config_where(question->config, question->profile, "endpoint_url",
                     custom->where, sizeof(custom->where));
    }
    return 0;
}

/* Remove every occurrence of part from text. */
static void
cut(char *text, const char *part)
{
    size_t length = strlen(part);
    char *found = strstr(text, part);

    for (; found != NULL; found = strstr(found, part))
        memmove(found, found + length, strlen(found + length) + 1);
}

/*
 * The real region behind a pseudo region: "fips-us-east-1" and
 * "us-east-1-fips" are us-east-1 with FIPS, none at all is aws-global.
 */
static int
normalize_region(const char *region, char real[REGION_SIZE], unsigned *variant,
                 struct report *report)
{
    if (region == NULL)
        region = "aws-global";
    if (partition_region_is_valid(region)) {
        strcpy(real, region);
        cut(real, "fips-");
        cut(real, "-fips");
        if (strcmp(real, region) != 0)
            *variant |= VARIANT_FIPS;
        if (partition_region_is_valid(real))
            return 0;
    }
    return report_set(report,
                      "region '%s' cannot be a part of a host name; write one "
                      "like eu-west-1",
                      region);
}

/* Whether STS's global endpoint serves all old regions (CLI v1, botocore). */
static int
is_legacy(const struct question *question, bool *legacy)
{
    const char *value = setting(question, "AWS_STS_REGIONAL_ENDPOINTS",
                                "sts_regional_endpoints");
    char where[WHERE_SIZE] = "AWS_STS_REGIONAL_ENDPOINTS";

    *legacy = value != NULL && strcmp(value, "legacy") == 0;
    if (*legacy || value == NULL || *value == '\0' ||
        strcmp(value, "regional") == 0)
        return 0;
    if (getenv(where) == NULL)
        config_where(question->config, question->profile,
                     "sts_regional_endpoints", where, sizeof(where));
    return report_set(question->report,
                      "%s: '%.100s' is neither regional nor legacy (in lower "
                      "case): correct or remove it",
                      where, value);
}

/* STS by its rule set: host and the region of the signature. */
static int
sts_host(const struct question *question, const char *region, unsigned variant,
         char **host, const char **signing_region)
{
    const struct partition *partition = partition_of(region);
    bool is_gov = strcmp(partition->name, "aws-us-gov") == 0;
    const char *suffix = variant & VARIANT_DUALSTACK
                             ? partition->dualstack_suffix
                             : partition->suffix;
    /* GovCloud's plain hosts are FIPS hosts. */
    bool fips = (variant & VARIANT_FIPS) != 0 &&
                !(is_gov && variant == VARIANT_FIPS);
    bool global = strcmp(region, "aws-global") == 0;
    bool legacy;

    if (is_legacy(question, &legacy) != 0)
        return -1;
    *signing_region = global ? "us-east-1" : region;
    if (variant == 0 &&
        (global || (legacy && partition_region_is_legacy(region)))) {
        *signing_region = "us-east-1";
        *host = strdup("sts.amazonaws.com");
    } else if (asprintf(host, "sts%s.%s.%s", fips ? "-fips" : "", region,
                        suffix) < 0) {
        *host = NULL;
    }
    return 0;
}

static int
standard_host(const struct question *question, const char *region,
              unsigned variant, char **host, const char **signing_region)
{
    const struct partition *partition = partition_of(region);
    const struct partition_host *iam = &partition->iam[variant];

    if ((variant & VARIANT_DUALSTACK) != 0 && !partition->dualstack)
        return report_set(question->report,
                          "use_dualstack_endpoint: the partition %s of "
                          "region %s has no dual-stack endpoints; unset "
                          "AWS_USE_DUALSTACK_ENDPOINT or the profile's key",
                          partition->name, region);
    if (question->service == SERVICE_STS)
        return sts_host(question, region, variant, host, signing_region);
    *host = strdup(iam->host);
    *signing_region = iam->region;
    return 0;
}

static void
lower_case(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

static int
resolve_standard(struct endpoint *endpoint, const struct question *question,
                 const char *region, unsigned variant)
{
    const char *signing_region = NULL;

    if (setting_is_true(question, "AWS_USE_FIPS_ENDPOINT",
                        "use_fips_endpoint"))
        variant |= VARIANT_FIPS;
    if (setting_is_true(question, "AWS_USE_DUALSTACK_ENDPOINT",
                        "use_dualstack_endpoint"))
        variant |= VARIANT_DUALSTACK;
    if (standard_host(question, region, variant, &endpoint->host,
                      &signing_region) != 0)
        return -1;
    if (endpoint->host == NULL)
        return 0;
    lower_case(endpoint->host);
    if (asprintf(&endpoint->origin, "https://%s", endpoint->host) < 0)
        endpoint->origin = NULL;
    endpoint->path = strdup("/");
    endpoint->region = strdup(signing_region);
    return 0;
}

/* A custom endpoint takes no variants: AWS's tools ignore them then, too. */
static int
resolve_custom(struct endpoint *endpoint, const struct question *question,
               const struct custom *custom, const char *region)
{
    struct endpoint_url url;

    if (endpoint_url_parse(&url, custom->url, custom->where,
                           question->report) != 0)
        return -1;
    endpoint->origin = url.origin;
    endpoint->host = url.host;
    endpoint->path = url.path;
    endpoint->region = strdup(strcmp(region, "aws-global") == 0 ? "us-east-1"
                                                                : region);
    endpoint->custom = true;
    return 0;
}

int
endpoint_resolve(struct endpoint *endpoint, enum service service,
                 const struct config *config, const char *profile,
                 const char *region, struct report *report)
{
    struct question question = {service, config, profile, report};
    struct custom custom = {0};
    char real[REGION_SIZE];
    unsigned variant = 0;
    int status = -1;

    *endpoint = (struct endpoint){0};
    if (normalize_region(region, real, &variant, report) != 0 ||
        find_custom(&custom, &question) != 0)
        goto done;
    if (custom.url != NULL)
        status = resolve_custom(endpoint, &question, &custom, real);
    else
        status = resolve_standard(endpoint, &question, real, variant);
    if (status == 0 && (endpoint->origin == NULL || endpoint->path == NULL ||
                        endpoint->region == NULL))
        status = report_set(report, "out of memory for an endpoint");

done:
    free(custom.block);
    if (status != 0)
        endpoint_free(endpoint);
    return status;
}

void
endpoint_free(struct endpoint *endpoint)
{
    free(endpoint->origin);
    free(endpoint->host);
    free(endpoint->path);
    free(endpoint->region);
    *endpoint = (struct endpoint){0};
}
