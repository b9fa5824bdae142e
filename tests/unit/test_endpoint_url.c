/*
 * URLs of custom endpoints (src/cli/config/endpoint_url.c).
 */
#include "endpoint_case.h"

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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(urls_are_taken_apart),
        WITH_FILES(bad_urls_are_refused),
        WITH_FILES(long_parts_of_urls_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
