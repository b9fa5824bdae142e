/*
 * Cases of resolving an endpoint.
 */
#ifndef AWS_SESSION_TESTS_ENDPOINT_CASE_H
#define AWS_SESSION_TESTS_ENDPOINT_CASE_H

#include "cli/config/endpoint.h"

#include "aws_files.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const no_text = NULL;

/* "ORIGIN PATH HOST REGION[ custom]", or the report. */
static inline void
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

#define WITH_FILES(test)                                                      \
    cmocka_unit_test_setup_teardown(test, aws_files_begin, aws_files_end)

#endif
