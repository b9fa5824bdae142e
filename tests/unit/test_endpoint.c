/*
 * Endpoints of STS and IAM (src/cli/endpoint.c, endpoint_url.c, partition.c).
 */
#include "cli/endpoint.h"

#include "aws_files.h"
#include "cli/partition.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const no_text = NULL;

/* "ORIGIN PATH HOST REGION[ custom]", or the report. */
static void
resolve(enum service service, const char *profile, const char *region,
        const char *config_text, char *out, size_t size)
{
    struct endpoint endpoint;
    struct config config;
    struct report report = {""};

    aws_files_write(".aws/config", config_text);
    if (config_load(&config, &report) == 0 &&
        endpoint_resolve(&endpoint, service, &config, profile, region,
                         &report) == 0) {
        snprintf(out, size, "%s %s %s %s%s", endpoint.origin, endpoint.path,
                 endpoint.host, endpoint.region,
                 endpoint.custom ? " custom" : "");
        endpoint_free(&endpoint);
    } else {
        aws_files_shorten(report.text);
        snprintf(out, size, "%s", report.text);
    }
    config_free(&config);
}

/* Host and region of a service, without anything in files or variables. */
static void
assert_host(enum service service, const char *region, unsigned variant,
            const char *expected)
{
    char found[1200];
    char wanted[600];
    size_t length = strcspn(expected, " ");

    if ((variant & VARIANT_FIPS) != 0)
        setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    if ((variant & VARIANT_DUALSTACK) != 0)
        setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
    resolve(service, "default", region, no_text, found, sizeof(found));
    unsetenv("AWS_USE_FIPS_ENDPOINT");
    unsetenv("AWS_USE_DUALSTACK_ENDPOINT");
    snprintf(wanted, sizeof(wanted), "https://%.*s / %s", (int)length,
             expected, expected);
    assert_string_equal(found, wanted);
}

static void
sts_is_in_the_region(void **state)
{
    static const struct {
        const char *region;
        unsigned variant;
        const char *expected;
    } cases[] = {
        {"eu-west-1", 0, "sts.eu-west-1.amazonaws.com eu-west-1"},
        {"us-east-1", 0, "sts.us-east-1.amazonaws.com us-east-1"},
        {"eu-west-1", 1, "sts-fips.eu-west-1.amazonaws.com eu-west-1"},
        {"eu-west-1", 2, "sts.eu-west-1.api.aws eu-west-1"},
        {"eu-west-1", 3, "sts-fips.eu-west-1.api.aws eu-west-1"},
        {NULL, 0, "sts.amazonaws.com us-east-1"},
        {"aws-global", 0, "sts.amazonaws.com us-east-1"},
        {"xx-unknown-1", 0, "sts.xx-unknown-1.amazonaws.com xx-unknown-1"},
        {"fips-us-east-1", 0, "sts-fips.us-east-1.amazonaws.com us-east-1"},
        {"us-west-2-fips", 2, "sts-fips.us-west-2.api.aws us-west-2"},
        {"cn-north-1", 0, "sts.cn-north-1.amazonaws.com.cn cn-north-1"},
        {"cn-north-1", 3,
         "sts-fips.cn-north-1.api.amazonwebservices.com.cn cn-north-1"},
        /* GovCloud's plain hosts are its FIPS hosts. */
        {"us-gov-west-1", 1, "sts.us-gov-west-1.amazonaws.com us-gov-west-1"},
        {"us-gov-west-1", 2, "sts.us-gov-west-1.api.aws us-gov-west-1"},
        {"us-gov-west-1", 3, "sts-fips.us-gov-west-1.api.aws us-gov-west-1"},
        {"eusc-de-east-1", 0,
         "sts.eusc-de-east-1.amazonaws.eu eusc-de-east-1"},
        {"us-iso-east-1", 0, "sts.us-iso-east-1.c2s.ic.gov us-iso-east-1"},
        {"us-isob-east-1", 0,
         "sts.us-isob-east-1.sc2s.sgov.gov us-isob-east-1"},
        {"eu-isoe-west-1", 0,
         "sts.eu-isoe-west-1.cloud.adc-e.uk eu-isoe-west-1"},
        {"us-isof-south-1", 1,
         "sts-fips.us-isof-south-1.csp.hci.ic.gov us-isof-south-1"},
        {"US-EAST-1", 0, "sts.us-east-1.amazonaws.com US-EAST-1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_host(SERVICE_STS, cases[i].region, cases[i].variant,
                    cases[i].expected);
}

static void
iam_is_in_the_partition(void **state)
{
    static const struct {
        const char *region;
        const char *expected[VARIANT_COUNT];
    } cases[] = {
        {"eu-west-1",
         {"iam.amazonaws.com us-east-1", "iam-fips.amazonaws.com us-east-1",
          "iam.global.api.aws us-east-1",
          "iam-fips.global.api.aws us-east-1"}},
        {NULL,
         {"iam.amazonaws.com us-east-1", "iam-fips.amazonaws.com us-east-1",
          "iam.global.api.aws us-east-1",
          "iam-fips.global.api.aws us-east-1"}},
        {"cn-northwest-1",
         {"iam.cn-north-1.amazonaws.com.cn cn-north-1",
          "iam-fips.amazonaws.com.cn cn-northwest-1",
          "iam.global.api.amazonwebservices.com.cn cn-north-1",
          "iam-fips.api.amazonwebservices.com.cn cn-northwest-1"}},
        {"us-gov-east-1",
         {"iam.us-gov.amazonaws.com us-gov-west-1",
          "iam.us-gov.amazonaws.com us-gov-west-1",
          "iam.us-gov.api.aws us-gov-west-1",
          "iam.us-gov.api.aws us-gov-west-1"}},
        {"us-iso-west-1",
         {"iam.us-iso-east-1.c2s.ic.gov us-iso-east-1",
          "iam-fips.us-iso-east-1.c2s.ic.gov us-iso-east-1",
          "iam.api.aws.ic.gov us-iso-east-1",
          "iam-fips.api.aws.ic.gov us-iso-east-1"}},
        {"us-isob-west-1",
         {"iam.us-isob-east-1.sc2s.sgov.gov us-isob-east-1",
          "iam-fips.us-isob-east-1.sc2s.sgov.gov us-isob-east-1",
          "iam.api.aws.scloud us-isob-east-1",
          "iam-fips.api.aws.scloud us-isob-east-1"}},
        {"eusc-de-east-1",
         {"iam.eusc-de-east-1.amazonaws.eu eusc-de-east-1",
          "iam-fips.amazonaws.eu eusc-de-east-1",
          "iam.api.amazonwebservices.eu eusc-de-east-1",
          "iam-fips.api.amazonwebservices.eu eusc-de-east-1"}},
        {"eu-isoe-west-1",
         {"iam.eu-isoe-west-1.cloud.adc-e.uk eu-isoe-west-1",
          "iam-fips.cloud.adc-e.uk eu-isoe-west-1", NULL, NULL}},
        {"us-isof-east-1",
         {"iam.us-isof-south-1.csp.hci.ic.gov us-isof-south-1",
          "iam-fips.csp.hci.ic.gov us-isof-south-1", NULL, NULL}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned j = 0; j < VARIANT_COUNT; j++) {
            if (cases[i].expected[j] != NULL)
                assert_host(SERVICE_IAM, cases[i].region, j,
                            cases[i].expected[j]);
        }
    }
}

static void
regions_have_partitions(void **state)
{
    static const struct {
        const char *region, *partition;
    } cases[] = {
        {"us-east-1", "aws"},
        {"mx-central-1", "aws"},
        {"us-newplace-77", "aws"},
        {"aws-global", "aws"},
        {"cn-new-1", "aws-cn"},
        {"aws-cn-global", "aws-cn"},
        {"us-gov-new-1", "aws-us-gov"},
        {"us-iso-new-1", "aws-iso"},
        {"us-isob-new-1", "aws-iso-b"},
        {"eu-isoe-new-1", "aws-iso-e"},
        {"us-isof-new-1", "aws-iso-f"},
        {"eusc-de-new-1", "aws-eusc"},
        /* Like none of them: the default. */
        {"us-gov-1", "aws"},
        {"cn-north", "aws"},
        {"cn-north-1a", "aws"},
        {"cn--1", "aws"},
        {"CN-north-1", "aws"},
        {"eusc-fr-east-1", "aws"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(partition_of(cases[i].region)->name,
                            cases[i].partition);
}

static void
legacy_is_for_old_regions(void **state)
{
    static const struct {
        const char *region;
        unsigned variant;
        const char *expected;
    } cases[] = {
        {"eu-west-1", 0, "sts.amazonaws.com us-east-1"},
        {"us-east-2", 0, "sts.amazonaws.com us-east-1"},
        {"aws-global", 0, "sts.amazonaws.com us-east-1"},
        {"ap-east-1", 0, "sts.ap-east-1.amazonaws.com ap-east-1"},
        {"us-gov-west-1", 0, "sts.us-gov-west-1.amazonaws.com us-gov-west-1"},
        {"us-west", 0, "sts.us-west.amazonaws.com us-west"},
        {"eu-west-1", 1, "sts-fips.eu-west-1.amazonaws.com eu-west-1"},
        {"eu-west-1", 2, "sts.eu-west-1.api.aws eu-west-1"},
    };

    (void)state;
    setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy", 1);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_host(SERVICE_STS, cases[i].region, cases[i].variant,
                    cases[i].expected);
    assert_host(SERVICE_IAM, "eu-west-1", 0, "iam.amazonaws.com us-east-1");
}

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

static void
urls_are_taken_apart(void **state)
{
    static const struct {
        const char *url, *expected; /* origin, path and host */
    } cases[] = {
        {"https://h", "https://h / h"},
        {"HTTPS://Example.COM", "https://example.com / example.com"},
        {"https://h/", "https://h / h"},
        {"https://h/a/B_~.-/", "https://h /a/B_~.-/ h"},
        {"https://h:8443/x", "https://h:8443 /x h:8443"},
        {"https://h:443", "https://h / h"},
        {"https://h:80", "https://h:80 / h:80"},
        {"https://h.", "https://h. / h."},
        {"https://10.0.0.1", "https://10.0.0.1 / 10.0.0.1"},
        {"https://[2001:DB8::1]:1",
         "https://[2001:db8::1]:1 / [2001:db8::1]:1"},
        {"http://localhost", "http://localhost / localhost"},
        {"http://LocalHost:80/", "http://localhost / localhost"},
        {"http://127.0.0.1:4566", "http://127.0.0.1:4566 / 127.0.0.1:4566"},
        {"http://127.255.0.9", "http://127.255.0.9 / 127.255.0.9"},
        {"http://[::1]:5/x", "http://[::1]:5 /x [::1]:5"},
        {"http://[0:0:0:0:0:0:0:1]",
         "http://[0:0:0:0:0:0:0:1] / [0:0:0:0:0:0:0:1]"},
        {"http://localhost:443", "http://localhost:443 / localhost:443"},
    };
    char found[1200];
    char wanted[600];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        setenv("AWS_ENDPOINT_URL", cases[i].url, 1);
        resolve(SERVICE_STS, "default", "eu-west-1", no_text, found,
                sizeof(found));
        snprintf(wanted, sizeof(wanted), "%s eu-west-1 custom",
                 cases[i].expected);
        assert_string_equal(found, wanted);
    }
}

static void
bad_urls_are_refused(void **state)
{
    static const struct {
        const char *url, *report;
    } cases[] = {
        {"localhost:4566", "does not begin with https://"},
        {"ftp://h", "does not begin with https://"},
        {"//h", "does not begin with https://"},
        {" https://h", "does not begin with https://"},
        {"https:/h", "does not begin with https://"},
        {"https://", "has no host"},
        {"https:///x", "has no host"},
        {"https://:1", "has no host"},
        {"https://a b", "no valid host name"},
        {"https://a_b", "no valid host name"},
        {"https://-a", "no valid host name"},
        {"https://a-", "no valid host name"},
        {"https://a..b", "no valid host name"},
        {"https://.", "no valid host name"},
        {"https://h\xC3\xA9", "no valid host name"},
        {"https://%41", "no valid host name"},
        {"https://127.1", "no valid host name"},
        {"https://1.2.3.256", "no valid host name"},
        {"https://0x7f.1", "no valid host name"},
        {"https://[::g]", "no valid host name"},
        {"https://[fe80::1%25eth0]", "no valid host name"},
        {"https://[1.2.3.4]", "no valid host name"},
        {"https://[]", "no valid host name"},
        {"https://[::1", "has no ]"},
        {"https://[::1]x", "text behind the ]"},
        {"https://h:", "has a port that is none"},
        {"https://h:0", "has a port that is none"},
        {"https://h:65536", "has a port that is none"},
        {"https://h:123456", "has a port that is none"},
        {"https://h:8x", "has a port that is none"},
        {"https://h:1:2", "has a port that is none"},
        {"https://me:pass@h", "has a user name (@)"},
        {"https://h?x=y", "has a query (?) or a fragment (#)"},
        {"https://h # note", "has a query (?) or a fragment (#)"},
        {"https://h/a b", "a path with other characters"},
        {"https://h/%2e", "a path with other characters"},
        {"https://h/a\\b", "a path with other characters"},
        {"https://h/../a", "an empty, . or .. part"},
        {"https://h/a/..", "an empty, . or .. part"},
        {"https://h/./a", "an empty, . or .. part"},
        {"https://h//", "an empty, . or .. part"},
        {"http://h", "is plain http to another machine"},
        {"http://128.0.0.1", "is plain http to another machine"},
        {"http://localhost.example.com", "is plain http to another machine"},
        {"http://127.0.0.1.example.com", "is plain http to another machine"},
        {"http://localhost.", "is plain http to another machine"},
        {"http://[::2]", "is plain http to another machine"},
        {"http://[::ffff:127.0.0.1]", "is plain http to another machine"},
    };
    char found[1200];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        setenv("AWS_ENDPOINT_URL_STS", cases[i].url, 1);
        resolve(SERVICE_STS, "default", "eu-west-1", no_text, found,
                sizeof(found));
        assert_report(found, "AWS_ENDPOINT_URL_STS: ");
        assert_report(found, cases[i].report);
        assert_null(strstr(found, "pass"));
    }
}

static void
long_parts_of_urls_are_refused(void **state)
{
    char url[1400] = "https://";
    char found[1200];

    (void)state;
    memset(url + 8, 'a', 64);
    setenv("AWS_ENDPOINT_URL", url, 1);
    resolve(SERVICE_STS, "default", NULL, no_text, found, sizeof(found));
    assert_report(found, "no valid host name");
    for (size_t i = 8; i < 8 + 256; i += 2)
        memcpy(url + i, "a.", 2);
    setenv("AWS_ENDPOINT_URL", url, 1);
    resolve(SERVICE_STS, "default", NULL, no_text, found, sizeof(found));
    assert_report(found, "no valid host name");
    memset(url + 10, 'a', 1100);
    memcpy(url, "https://h/", 10);
    setenv("AWS_ENDPOINT_URL", url, 1);
    resolve(SERVICE_STS, "default", NULL, no_text, found, sizeof(found));
    assert_report(found, "a path of over 1023 characters");
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
#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)
    const struct CMUnitTest tests[] = {
        WITH_FILES(sts_is_in_the_region),
        WITH_FILES(iam_is_in_the_partition),
        cmocka_unit_test(regions_have_partitions),
        WITH_FILES(legacy_is_for_old_regions),
        WITH_FILES(custom_endpoints_have_an_order),
        WITH_FILES(custom_endpoints_have_the_region_of_the_client),
        WITH_FILES(urls_are_taken_apart),
        WITH_FILES(bad_urls_are_refused),
        WITH_FILES(long_parts_of_urls_are_refused),
        WITH_FILES(settings_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
