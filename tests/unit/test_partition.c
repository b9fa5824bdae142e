/*
 * Hosts of STS and IAM by partition (src/cli/config/partition.c, endpoint.c).
 */
#include "endpoint_case.h"

#include "cli/config/partition.h"

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
        {"cn-north-", "aws"},
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(sts_is_in_the_region),
        WITH_FILES(iam_is_in_the_partition),
        cmocka_unit_test(regions_have_partitions),
        WITH_FILES(legacy_is_for_old_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
