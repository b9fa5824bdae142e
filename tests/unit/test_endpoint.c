/*
 * Custom endpoints and other settings (src/cli/config/endpoint.c).
 */
#include "endpoint_case.h"

#define LOCAL(port)                                                           \
    "http://localhost:" port " / localhost:" port " eu-west-1 custom"

static const char services[] = "[default]\n"
                               "endpoint_url = http://localhost:1\n"
                               "services = loc\n"
                               "[services loc]\n"
                               "sts =\n"
                               "  endpoint_url = http://localhost:2\n"
                               "iam = http://localhost:3\n"
                               "[profile off]\n"
                               "endpoint_url = http://localhost:4\n"
                               "ignore_configured_endpoint_urls = True\n"
                               "[profile fips]\n"
                               "use_fips_endpoint = true\n"
                               "[profile stack]\n"
                               "use_dualstack_endpoint = true\n"
                               "[profile old]\n"
                               "sts_regional_endpoints = legacy\n"
                               "[profile empty]\n"
                               "endpoint_url =\n"
                               "services = blank\n"
                               "[services blank]\n"
                               "sts =\n"
                               "  endpoint_url =\n";

static void
custom_endpoints_have_an_order(void **state)
{
    static const struct {
        const char *profile, *variables; /* NAME=VALUE, one blank between */
        const char *sts, *iam;
    } cases[] = {
        {"default", "", LOCAL("2"), LOCAL("1")},
        {"default", "AWS_ENDPOINT_URL=http://localhost:8", LOCAL("8"),
         LOCAL("8")},
        {"default", "AWS_ENDPOINT_URL_STS=http://localhost:8", LOCAL("8"),
         LOCAL("1")},
        {"default",
         "AWS_ENDPOINT_URL_IAM=http://localhost:8 "
         "AWS_ENDPOINT_URL=http://localhost:9",
         LOCAL("9"), LOCAL("8")},
        {"default", "AWS_ENDPOINT_URL= AWS_ENDPOINT_URL_STS=", LOCAL("2"),
         LOCAL("1")},
        {"default", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=yes", LOCAL("2"),
         LOCAL("1")},
        {"default",
         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=TRUE "
         "AWS_ENDPOINT_URL=http://localhost:8",
         "https://sts.eu-west-1.amazonaws.com", "https://iam.amazonaws.com"},
        {"off", "", "https://sts.eu-west-1.amazonaws.com",
         "https://iam.amazonaws.com"},
        {"off", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=", LOCAL("4"),
         LOCAL("4")},
        {"empty", "", "https://sts.eu-west-1.amazonaws.com",
         "https://iam.amazonaws.com"},
        {"nope", "", "https://sts.eu-west-1.amazonaws.com",
         "https://iam.amazonaws.com"},
        {"fips", "", "https://sts-fips.eu-west-1.amazonaws.com",
         "https://iam-fips.amazonaws.com"},
        {"fips", "AWS_USE_FIPS_ENDPOINT=false",
         "https://sts.eu-west-1.amazonaws.com", "https://iam.amazonaws.com"},
        {"fips", "AWS_ENDPOINT_URL=http://localhost:8", LOCAL("8"),
         LOCAL("8")},
        {"stack", "", "https://sts.eu-west-1.api.aws",
         "https://iam.global.api.aws"},
        {"stack", "AWS_USE_DUALSTACK_ENDPOINT=1",
         "https://sts.eu-west-1.amazonaws.com", "https://iam.amazonaws.com"},
        {"old", "", "https://sts.amazonaws.com", "https://iam.amazonaws.com"},
        {"old", "AWS_STS_REGIONAL_ENDPOINTS=regional",
         "https://sts.eu-west-1.amazonaws.com", "https://iam.amazonaws.com"},
        {"old", "AWS_STS_REGIONAL_ENDPOINTS=",
         "https://sts.eu-west-1.amazonaws.com", "https://iam.amazonaws.com"},
    };
    char variables[256];
    char found[1200];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        strcpy(variables, cases[i].variables);
        for (char *name = strtok(variables, " "); name != NULL;
             name = strtok(NULL, " "))
            putenv(name);
        resolve(SERVICE_STS, cases[i].profile, "eu-west-1", services, found,
                sizeof(found));
        if (strncmp(found, cases[i].sts, strlen(cases[i].sts)) != 0)
            fail_msg("case %zu: %s", i, found);
        resolve(SERVICE_IAM, cases[i].profile, "eu-west-1", services, found,
                sizeof(found));
        if (strncmp(found, cases[i].iam, strlen(cases[i].iam)) != 0)
            fail_msg("case %zu: %s", i, found);
        clearenv();
        setenv("HOME", aws_home, 1);
    }
}

/* Custom endpoints are signed for the client's region, IAM's too. */
static void
custom_endpoints_have_the_region_of_the_client(void **state)
{
    static const struct {
        const char *region, *signed_for;
    } cases[] = {
        {"eu-west-1", "eu-west-1"},      {"cn-north-1", "cn-north-1"},
        {"fips-us-east-2", "us-east-2"}, {NULL, "us-east-1"},
        {"aws-global", "us-east-1"},
    };
    char found[1200];

    (void)state;
    setenv("AWS_ENDPOINT_URL", "https://h", 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int service = SERVICE_STS; service <= SERVICE_IAM; service++) {
            char wanted[64];

            resolve((enum service)service, "default", cases[i].region, no_text,
                    found, sizeof(found));
            snprintf(wanted, sizeof(wanted), "https://h / h %s custom",
                     cases[i].signed_for);
            assert_string_equal(found, wanted);
        }
    }
}

/* What is wrong in a file is named with its line. */
static void
settings_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *text, *region, *report;
    } cases[] = {
        {"[default]\n\nendpoint_url = x\n", NULL,
         "~/.aws/config, line 3: endpoint URL 'x' does not begin"},
        {"[default]\nservices = s\n[services s]\n\nsts =\n  endpoint_url = "
         "x\n",
         NULL, "~/.aws/config, line 5: endpoint URL 'x' does not begin"},
        {"[default]\nservices = nope\n", NULL,
         "~/.aws/config, line 2: services = nope, but there is no section"},
        {"[default]\nservices = s\n[services s]\n", NULL,
         "~/.aws/config, line 2: services = s, but there is no section"},
        {"[default]\nsts_regional_endpoints = Legacy\n", "eu-west-1",
         "~/.aws/config, line 2: 'Legacy' is neither regional nor legacy"},
        {"[default]\nuse_dualstack_endpoint = true\n", "eu-isoe-west-1",
         "the partition aws-iso-e of region eu-isoe-west-1 has no dual-stack"},
        {"[default]\n", "us east", "region 'us east' cannot be a part"},
        {"[default]\n", "", "region '' cannot be a part"},
        {"[default]\n", "12345", "region '12345' cannot be a part"},
        {"[default]\n", "-a", "region '-a' cannot be a part"},
        {"[default]\n", "fips-", "region 'fips-' cannot be a part"},
        {"[default]\n", "fips--fips", "region 'fips--fips' cannot be a part"},
    };
    char found[1200];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        resolve(SERVICE_STS, "default", cases[i].region, cases[i].text, found,
                sizeof(found));
        assert_report(found, cases[i].report);
    }
    setenv("AWS_STS_REGIONAL_ENDPOINTS", "global", 1);
    resolve(SERVICE_STS, "default", NULL, no_text, found, sizeof(found));
    assert_report(found, "AWS_STS_REGIONAL_ENDPOINTS: 'global' is neither");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(custom_endpoints_have_an_order),
        WITH_FILES(custom_endpoints_have_the_region_of_the_client),
        WITH_FILES(settings_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
