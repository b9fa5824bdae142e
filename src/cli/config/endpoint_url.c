/*
 * URLs of custom endpoints: see endpoint_url.h (RFC 3986). Part of
 * aws-session.
 */
#include "endpoint_url.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    URL_HOST_MAX = 255, /* RFC 1035 */
    URL_LABEL_MAX = 63, /* RFC 1035 */
    URL_PATH_MAX = 1023 /* what the signer takes */
};

/* The pieces of a URL while it is looked at; pointers into its text. */
struct pieces {
    const char *text;
    const char *where;
    struct report *report;
    bool secure;
    const char *host;
    size_t host_length; /* with the brackets of an IPv6 address */
    unsigned port;      /* 0: none */
    const char *path;   /* may be "" */
};

/* Every refusal names the place and the URL. A URL with a password in it
 * must not get here. */
static int
refuse(const struct pieces *pieces, const char *why)
{
    return report_set(pieces->report, "%s: endpoint URL '%.200s' %s",
                      pieces->where, pieces->text, why);
}

static bool
is_label(const char *label, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

    return length > 0 && length <= URL_LABEL_MAX &&
           strspn(label, allowed) >= length && label[0] != '-' &&
           label[length - 1] != '-';
}

static bool
is_host_name(const char *host, size_t length)
{
    if (length > URL_HOST_MAX)
        return false;
    if (length > 0 && host[length - 1] == '.')
        length--;
    for (;;) {
        const char *dot = memchr(host, '.', length);
        size_t label = dot != NULL ? (size_t)(dot - host) : length;

        if (!is_label(host, label))
            return false;
        if (dot == NULL)
            return true;
        host += label + 1;
        length -= label + 1;
    }
}

/* Returns 4 or 6 and fills address, or 0 if the host is no IP address. */
static int
parse_address(const struct pieces *pieces, struct in6_addr *address)
{
    char host[INET6_ADDRSTRLEN + 1] = "";
    const char *begin = pieces->host;
    size_t length = pieces->host_length;
    bool bracket = *begin == '[';

    if (bracket) {
        begin++;
        length -= 2;
    }
    if (length >= sizeof(host))
        return 0;
    memcpy(host, begin, length);
    if (bracket)
        return inet_pton(AF_INET6, host, address) == 1 ? 6 : 0;
    return inet_pton(AF_INET, host, address) == 1 ? 4 : 0;
}

static bool
is_loopback(const struct pieces *pieces)
{
    struct in6_addr address = {0};

    switch (parse_address(pieces, &address)) {
    case 4:
        return address.s6_addr[0] == 127;
    case 6:
        return IN6_IS_ADDR_LOOPBACK(&address);
    default:
        return pieces->host_length == 9 &&
               strncasecmp(pieces->host, "localhost", 9) == 0;
    }
}

/* "[address]" or a name; an all-numeric name must be a whole IPv4 address,
 * since resolvers read "127.1" and "0x7f.1" in their own ways. */
static bool
is_host(const struct pieces *pieces)
{
    struct in6_addr address;
    const char *last;

    if (*pieces->host == '[')
        return parse_address(pieces, &address) == 6;
    if (!is_host_name(pieces->host, pieces->host_length))
        return false;
    last = memrchr(pieces->host, '.', pieces->host_length);
    last = last != NULL ? last + 1 : pieces->host;
    if (last < pieces->host + pieces->host_length && *last >= '0' &&
        *last <= '9')
        return parse_address(pieces, &address) == 4;
    return true;
}

static bool
parse_port(const char *text, size_t length, unsigned *port)
{
    *port = 0;
    if (length == 0 || length > 5)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *port = *port * 10 + (unsigned)(text[i] - '0');
    }
    return *port > 0 && *port <= 65535;
}

static int
parse_authority(struct pieces *pieces, const char *begin, size_t length)
{
    const char *end = begin + length;
    const char *colon;

    pieces->host = begin;
    if (length > 0 && *begin == '[') {
        const char *close = memchr(begin, ']', length);

        if (close == NULL)
            return refuse(pieces, "has no ] after its address");
        colon = close + 1 < end ? close + 1 : NULL;
        if (colon != NULL && *colon != ':')
            return refuse(pieces, "has text behind the ] of its address");
    } else {
        colon = memchr(begin, ':', length);
    }
    pieces->host_length = (size_t)((colon != NULL ? colon : end) - begin);
    if (pieces->host_length == 0)
        return refuse(pieces, "has no host; write https://HOST");
    if (!is_host(pieces))
        return refuse(pieces, "has no valid host name or IP address");
    if (colon != NULL &&
        !parse_port(colon + 1, (size_t)(end - colon - 1), &pieces->port))
        return refuse(pieces, "has a port that is none (1 to 65535)");
    return 0;
}

static int
check_path(const struct pieces *pieces)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    const char *path = pieces->path;

    /* What a client or a server would rewrite would not be what we signed. */
    if (path[strspn(path, allowed)] != '\0')
        return refuse(pieces, "has a path with other characters than letters, "
                              "digits, - . _ ~ and /");
    if (strlen(path) > URL_PATH_MAX)
        return refuse(pieces, "has a path of over 1023 characters");
    for (const char *p = path; *p != '\0'; p += strcspn(p, "/")) {
        p++;
        if (*p == '/' || strncmp(p, "./", 2) == 0 || strcmp(p, ".") == 0 ||
            strncmp(p, "../", 3) == 0 || strcmp(p, "..") == 0)
            return refuse(pieces, "has a path with an empty, . or .. part");
    }
    return 0;
}

static int
parse_scheme(struct pieces *pieces, const char **rest)
{
    if (strncasecmp(pieces->text, "https://", 8) == 0) {
        pieces->secure = true;
        *rest = pieces->text + 8;
        return 0;
    }
    if (strncasecmp(pieces->text, "http://", 7) == 0) {
        *rest = pieces->text + 7;
        return 0;
    }
    return refuse(pieces, "does not begin with https:// (or, for a server on "
                          "this machine, http://)");
}

static int
parse_pieces(struct pieces *pieces)
{
    const char *rest = pieces->text;
    size_t length;

    /* Before anything is quoted: what stands before an @ may be a password,
     * and what stands behind a ? a token. */
    if (strchr(pieces->text, '@') != NULL)
        return report_set(pieces->report,
                          "%s: the endpoint URL has a user name (@); AWS "
                          "signs requests instead: remove it",
                          pieces->where);
    if (strpbrk(pieces->text, "?#") != NULL)
        return report_set(pieces->report,
                          "%s: the endpoint URL has a query (?) or a fragment "
                          "(#), and inline comments are not supported: "
                          "remove it",
                          pieces->where);
    if (parse_scheme(pieces, &rest) != 0)
        return -1;
    length = strcspn(rest, "/");
    if (parse_authority(pieces, rest, length) != 0)
        return -1;
    pieces->path = rest + length;
    if (!pieces->secure && !is_loopback(pieces))
        return refuse(pieces,
                      "is plain http to another machine; use https "
                      "(http is for 127.0.0.0/8, [::1] and localhost)");
    return check_path(pieces);
}

static void
lower_case(char *text)
{
    for (; *text != '\0'; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
    }
}

int
endpoint_url_parse(struct endpoint_url *url, const char *text,
                   const char *where, struct report *report)
{
    struct pieces pieces = {.text = text, .where = where, .report = report};
    char port[16] = "";

    *url = (struct endpoint_url){0};
    if (parse_pieces(&pieces) != 0)
        return -1;
    if (pieces.port != 0 && pieces.port != (pieces.secure ? 443 : 80))
        snprintf(port, sizeof(port), ":%u", pieces.port);
    url->path = strdup(*pieces.path != '\0' ? pieces.path : "/");
    if (asprintf(&url->host, "%.*s%s", (int)pieces.host_length, pieces.host,
                 port) < 0)
        url->host = NULL;
    if (url->host != NULL)
        lower_case(url->host);
    if (url->host == NULL ||
        asprintf(&url->origin, "%s://%s", pieces.secure ? "https" : "http",
                 url->host) < 0)
        url->origin = NULL;
    if (url->origin == NULL || url->path == NULL) {
        free(url->origin);
        free(url->host);
        free(url->path);
        *url = (struct endpoint_url){0};
        return report_set(report, "%s: out of memory", where);
    }
    return 0;
}
