/*
 * The sockets of libcurl: see sockets.h. Part of aws-session-sts.
 */
#include "sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

curl_socket_t
sockets_open(void *context, curlsocktype purpose,
             struct curl_sockaddr *address)
{
    struct sockets *sockets = context;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                    address->protocol);

    (void)purpose;
    if (fd < 0)
        return CURL_SOCKET_BAD;
    sockets->opened++;
    if (sockets->count < SOCKETS_MAX)
        sockets->fds[sockets->count++] = fd;
    return fd;
}

int
sockets_close(void *context, curl_socket_t fd)
{
    struct sockets *sockets = context;

    for (int i = 0; i < sockets->count; i++)
        if (sockets->fds[i] == fd) {
            sockets->fds[i] = sockets->fds[--sockets->count];
            break;
        }
    return close(fd);
}

int
sockets_find(const struct sockets *sockets, int local_port)
{
    for (int i = 0; i < sockets->count; i++) {
        union {
            struct sockaddr any;
            struct sockaddr_in v4;
            struct sockaddr_in6 v6;
            struct sockaddr_storage storage;
        } local;
        socklen_t size = sizeof(local);
        in_port_t port;

        if (getsockname(sockets->fds[i], &local.any, &size) != 0)
            continue;
        port = local.any.sa_family == AF_INET6 ? local.v6.sin6_port
                                               : local.v4.sin_port;
        if (ntohs(port) == local_port)
            return sockets->fds[i];
    }
    return -1;
}
