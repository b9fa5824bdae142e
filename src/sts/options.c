/*
 * The options of libcurl: see options.h. Part of aws-session-sts.
 */
#include "options.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

/* Names of the options below stand as libcurl's manual has them. The first
 * error is kept: each macro does nothing after one. */
#define SET(option, value)                                                    \
    do {                                                                      \
        if (code == CURLE_OK)                                                 \
            code = curl_easy_setopt(easy, CURLOPT_##option, value);           \
    } while (0)

static CURLcode
set_protocol(CURL *easy)
{
    CURLcode code = CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075500
    SET(PROTOCOLS_STR, "http,https");
#else
    SET(PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    SET(FOLLOWLOCATION, 0L);
    SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(NETRC, (long)CURL_NETRC_IGNORED);
    SET(ACCEPT_ENCODING, NULL);
    SET(USERAGENT, "aws-session/" PACKAGE_VERSION);
    SET(PATH_AS_IS, 1L);
    SET(NOSIGNAL, 1L);
    SET(NOPROGRESS, 1L);
    SET(TCP_NODELAY, 1L);
    return code;
}

#if LIBCURL_VERSION_NUM >= 0x075400
/* Whether a directory has names as c_rehash(1) makes them: "1a2b3c4d.0". */
static bool
has_hashed_names(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;

    if (directory == NULL)
        return false;
    while (!found && (entry = readdir(directory)) != NULL)
        found = strspn(entry->d_name, "0123456789abcdef") == 8 &&
                strcmp(entry->d_name + 8, ".0") == 0;
    closedir(directory);
    return found;
}
#endif

/* The system's trust: libcurl's defaults, or less of them, see options.h. */
static CURLcode
set_system_trust(CURL *easy, bool thorough)
{
    CURLcode code = CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075400
    char *directory = NULL;

    if (!thorough)
        curl_easy_getinfo(easy, CURLINFO_CAPATH, &directory);
    if (directory != NULL && has_hashed_names(directory))
        SET(CAINFO, NULL);
#else
    (void)easy;
    (void)thorough;
#endif
    return code;
}

/* Only the bundle counts when there is one: libcurl would go on to look in
 * the system's directory. */
static CURLcode
set_trust(CURL *easy, const char *ca_bundle, bool thorough)
{
    CURLcode code = CURLE_OK;
    struct stat status;

    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(SSL_VERIFYPEER, 1L);
    SET(SSL_VERIFYHOST, 2L);
    SET(PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(PROXY_SSL_VERIFYPEER, 1L);
    SET(PROXY_SSL_VERIFYHOST, 2L);
    if (code != CURLE_OK)
        return code;
    if (ca_bundle == NULL)
        return set_system_trust(easy, thorough);
    if (stat(ca_bundle, &status) == 0 && S_ISDIR(status.st_mode)) {
        SET(CAINFO, NULL);
        SET(CAPATH, ca_bundle);
        SET(PROXY_CAINFO, NULL);
        SET(PROXY_CAPATH, ca_bundle);
    } else {
        SET(CAPATH, NULL);
        SET(CAINFO, ca_bundle);
        SET(PROXY_CAPATH, NULL);
        SET(PROXY_CAINFO, ca_bundle);
    }
    return code;
}

static CURLcode
set_way(CURL *easy, const struct request *request, struct sockets *sockets)
{
    CURLcode code = CURLE_OK;

    SET(URL, request->url);
    SET(PROXY, request->proxy);
    SET(NOPROXY, request->no_proxy);
    /* The headers, a token among them, are not for the proxy, and its
     * headers are not the server's. */
    SET(HEADEROPT, (long)CURLHEADER_SEPARATE);
    SET(SUPPRESS_CONNECT_HEADERS, 1L);
    /* The limit of the whole exchange is our own: libcurl's would count the
     * time that the person takes to type. */
    SET(CONNECTTIMEOUT_MS, (long)request->connect_timeout);
#if LIBCURL_VERSION_NUM >= 0x075700
    SET(QUICK_EXIT, 1L); /* do not wait for a name server at the end */
#endif
    SET(OPENSOCKETFUNCTION, sockets_open);
    SET(OPENSOCKETDATA, sockets);
    SET(CLOSESOCKETFUNCTION, sockets_close);
    SET(CLOSESOCKETDATA, sockets);
    return code;
}

CURLcode
options_set(CURL *easy, struct request *request, size_t body_length,
            bool thorough, struct sockets *sockets, struct response *response,
            char *text)
{
    CURLcode code = CURLE_OK;

    text[0] = '\0';
    SET(ERRORBUFFER, text);
    if (code == CURLE_OK)
        code = set_protocol(easy);
    if (code == CURLE_OK)
        code = set_trust(easy, request->ca_bundle, thorough);
    if (code == CURLE_OK)
        code = set_way(easy, request, sockets);
    SET(POST, 1L);
    SET(POSTFIELDS, request->body.data);
    SET(POSTFIELDSIZE, (long)body_length);
    SET(HTTPHEADER, request->headers);
    SET(WRITEFUNCTION, response_write);
    SET(WRITEDATA, response);
    SET(HEADERFUNCTION, response_header);
    SET(HEADERDATA, response);
    return code;
}
