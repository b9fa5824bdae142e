/*
 * The sockets that libcurl has open, so that the one of a waiting connection
 * can be watched.
 *
 * Part of aws-session-sts.
 */
#ifndef AWS_SESSION_SOCKETS_H
#define AWS_SESSION_SOCKETS_H

#include <curl/curl.h>

enum { SOCKETS_MAX = 8 };

/* All zero is none. */
struct sockets {
    curl_socket_t fds[SOCKETS_MAX]; /* those open now; others are unknown */
    int count;
    int opened; /* how many were opened since the caller set it to 0 */
};

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION, with a struct
 * sockets as their data. */
curl_socket_t sockets_open(void *sockets, curlsocktype purpose,
                           struct curl_sockaddr *address);
int sockets_close(void *sockets, curl_socket_t fd);

/* The socket with that local port, or -1, which poll(2) ignores. */
int sockets_find(const struct sockets *sockets, int local_port);

#endif
