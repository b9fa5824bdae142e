/*
 * What went wrong with a call: see failure.h. Part of aws-session-sts.
 */
#include "failure.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Results of OpenSSL's certificate check, X509_STORE_CTX_get_error(3). Other
 * TLS libraries under libcurl give other numbers, and a plainer sentence. */
enum { VERIFY_NOT_YET_VALID = 9, VERIFY_EXPIRED = 10, VERIFY_FIRST_OTHER = 2 };

void
failure_copy_host(char *buffer, size_t size, const char *url)
{
    const char *start = strstr(url, "://");
    size_t length;

    start = start != NULL ? start + 3 : url;
    length = strcspn(start, "/?#");
    for (size_t i = length; i > 0; i--)
        if (start[i - 1] == '@') {
            start += i;
            length -= i;
            break;
        }
    if (length >= size)
        length = size - 1;
    memcpy(buffer, start, length);
    buffer[length] = '\0';
}

/* The host that a connection was tried to: the proxy's, if libcurl's words
 * have it, for the proxy may be passed by (no_proxy). */
static void
copy_peer(char *buffer, size_t size, const struct request *request,
          const struct facts *facts)
{
    char host[256];

    failure_copy_host(host, sizeof(host), request->proxy);
    host[strcspn(host, ":")] = '\0';
    if (host[0] != '\0' && strstr(facts->text, host) != NULL) {
        memcpy(buffer, "the proxy ", sizeof("the proxy "));
        failure_copy_host(buffer + 10, size - 10, request->proxy);
    } else {
        failure_copy_host(buffer, size, request->authority);
    }
}

static void
explain_unconnected(struct failure *failure, const struct request *request,
                    const struct facts *facts)
{
    struct report *report = &failure->report;
    char peer[300], proxy[256];

    failure->error = STS_ERROR_UNREACHABLE;
    copy_peer(peer, sizeof(peer), request, facts);
    failure_copy_host(proxy, sizeof(proxy), request->proxy);
    if (facts->proxy_status == 407)
        report_set(report,
                   "the proxy %s refuses (HTTP 407): it wants a user name and "
                   "password, or others, in its URL (HTTPS_PROXY)",
                   proxy);
    else if (facts->proxy_status >= 300)
        report_set(report,
                   "the proxy %s refuses to connect to %s (HTTP %ld): check "
                   "HTTPS_PROXY and NO_PROXY",
                   proxy, request->authority, facts->proxy_status);
    else if (facts->os_errno != 0)
        report_set(report,
                   "no connection to %s: %s (check the network, and the "
                   "endpoint if one is configured)",
                   peer, strerror((int)facts->os_errno));
    else
        report_set(report,
                   "no connection to %s: %s (check the network, and the proxy "
                   "if there is one)",
                   peer, curl_easy_strerror(facts->code));
}

static void
explain_unresolved(struct failure *failure, const struct request *request,
                   const struct facts *facts)
{
    char proxy[256];

    failure->error = STS_ERROR_UNREACHABLE;
    failure_copy_host(proxy, sizeof(proxy), request->proxy);
    if (facts->code == CURLE_COULDNT_RESOLVE_PROXY)
        report_set(&failure->report,
                   "the proxy %s is not found: check the spelling of "
                   "HTTPS_PROXY, and the network",
                   proxy);
    else
        report_set(&failure->report,
                   "the host %s is not found: check the spelling of the "
                   "region or endpoint, and the network",
                   request->authority);
}

static void
explain_slow_connect(struct failure *failure, const struct request *request,
                     int64_t limit)
{
    failure->error = STS_ERROR_UNREACHABLE;
    report_set(&failure->report,
               "no connection to %s within %g s%s: check the network%s",
               request->authority, (double)limit / 1e3,
               request->proxy[0] != '\0' ? " (a proxy is set)" : "",
               request->proxy[0] != '\0' ? " and the proxy" : "");
}

static void
explain_certificate(struct failure *failure, const struct request *request,
                    const struct facts *facts)
{
    struct report *report = &failure->report;
    const char *host = request->authority;
    long verified = facts->verify_result;

    failure->error = STS_ERROR_TLS;
    if (facts->proxy_verify_result >= VERIFY_FIRST_OTHER) {
        host = "the proxy";
        verified = facts->proxy_verify_result;
    }
    if (verified == VERIFY_EXPIRED)
        report_set(report,
                   "the certificate of %s has expired: whoever runs it must "
                   "renew it, unless the clock of this machine is wrong",
                   host);
    else if (verified == VERIFY_NOT_YET_VALID)
        report_set(report,
                   "the certificate of %s is not valid yet: is the clock of "
                   "this machine right?",
                   host);
    else if (verified < VERIFY_FIRST_OTHER)
        report_set(report,
                   "the certificate of %s is for another host (%s): check "
                   "the endpoint, and what stands between",
                   host, facts->text);
    else if (request->ca_bundle != NULL)
        report_set(report,
                   "the certificate of %s is not trusted by %s (%s): does "
                   "AWS_CA_BUNDLE or ca_bundle name the right file?",
                   host, request->ca_bundle, facts->text);
    else
        report_set(report,
                   "the certificate of %s is not trusted (%s): if its issuer "
                   "is your own, name its file in AWS_CA_BUNDLE or ca_bundle",
                   host, facts->text);
}

/* The handshake ended early: by the other side hanging up, or in discord. */
static void
explain_handshake(struct failure *failure, const struct request *request,
                  const struct facts *facts)
{
    static const char *const hang_ups[] = {"SSL_ERROR_SYSCALL", "reset by",
                                           "unexpected eof"};

    for (size_t i = 0; i < sizeof(hang_ups) / sizeof(hang_ups[0]); i++)
        if (strstr(facts->text, hang_ups[i]) != NULL) {
            failure->error = STS_ERROR_UNREACHABLE;
            report_set(&failure->report,
                       "%s hung up during the TLS handshake: try again, or "
                       "check the endpoint and what stands between",
                       request->authority);
            return;
        }
    failure->error = STS_ERROR_TLS;
    report_set(&failure->report,
               "no TLS 1.2 or later with %s (%s): check the endpoint and its "
               "port",
               request->authority, facts->text);
}

static void
explain_bundle(struct failure *failure, const struct request *request)
{
    const char *bundle = request->ca_bundle;

    failure->error = STS_ERROR_LOCAL;
    if (bundle == NULL)
        report_set(&failure->report,
                   "the certificates of this system cannot be read: install "
                   "ca-certificates, or set AWS_CA_BUNDLE");
    else
        report_set(&failure->report,
                   "%s, named by AWS_CA_BUNDLE or ca_bundle: %s", bundle,
                   access(bundle, R_OK) != 0
                       ? strerror(errno)
                       : "there is no certificate in PEM form in it");
}

static void
explain_sent(struct failure *failure, const struct request *request,
             const struct facts *facts)
{
    switch (facts->code) {
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_ABORTED_BY_CALLBACK: /* libcurl would have sent it again */
        failure->error = STS_ERROR_CLOSED;
        report_set(&failure->report,
                   "%s closed the connection without a whole answer%s",
                   request->authority,
                   request->coded ? ": the code counts as used, wait for the "
                                    "next one"
                                  : ": try again");
        break;
    case CURLE_OUT_OF_MEMORY:
        failure->error = STS_ERROR_LOCAL;
        report_set(&failure->report, "memory ran out");
        break;
    default:
        failure->error = STS_ERROR_BAD_ANSWER;
        report_set(&failure->report,
                   "the answer of %s is not HTTP as it should be (%s): check "
                   "the endpoint",
                   request->authority, curl_easy_strerror(facts->code));
    }
}

static void
explain_unsent(struct failure *failure, const struct request *request,
               const struct facts *facts)
{
    switch (facts->code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        explain_unresolved(failure, request, facts);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        explain_slow_connect(failure, request, request->connect_timeout);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        explain_certificate(failure, request, facts);
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
        explain_handshake(failure, request, facts);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        explain_bundle(failure, request);
        break;
    case CURLE_GOT_NOTHING: /* ready, and closed at once, twice */
        failure->error = STS_ERROR_CLOSED;
        report_set(&failure->report,
                   "%s hung up before the request was sent: try again",
                   request->authority);
        break;
    case CURLE_COULDNT_CONNECT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
#if LIBCURL_VERSION_NUM >= 0x074900
    case CURLE_PROXY:
#endif
        explain_unconnected(failure, request, facts);
        break;
    default:
        failure->error = STS_ERROR_LOCAL;
        report_set(&failure->report, "no request to %s: %s",
                   request->authority, curl_easy_strerror(facts->code));
    }
}

void
failure_of_transport(struct failure *failure, const struct request *request,
                     const struct response *response,
                     const struct facts *facts)
{
    if (facts->late && !facts->sent) {
        explain_slow_connect(failure, request, request->request_timeout);
    } else if (facts->late) {
        failure->error = STS_ERROR_TIMEOUT;
        report_set(&failure->report, "no whole answer of %s within %g s%s",
                   request->authority, (double)request->request_timeout / 1e3,
                   request->coded ? ": the code counts as used, wait for the "
                                    "next one"
                                  : ": try again");
    } else if (response->too_long) {
        failure->error = STS_ERROR_BAD_ANSWER;
        report_set(&failure->report,
                   "the answer of %s is longer than any of AWS: check the "
                   "endpoint",
                   request->authority);
    } else if (facts->sent) {
        explain_sent(failure, request, facts);
    } else {
        explain_unsent(failure, request, facts);
    }
}
