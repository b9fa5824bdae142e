/*
 * The options of libcurl for one exchange: everything is set here.
 *
 * Part of aws-session-sts. No redirects, no netrc, no cookies, no proxy from
 * the environment, no protocol but http and https, TLS 1.2 or later with the
 * certificate and the host name checked.
 */
#ifndef AWS_SESSION_OPTIONS_H
#define AWS_SESSION_OPTIONS_H

#include "request.h"
#include "response.h"
#include "sockets.h"

/* Whether libcurl lets us wait between connecting and sending. */
#if LIBCURL_VERSION_NUM >= 0x075000
#define OPTIONS_HAVE_PREREQ 1
#else
#define OPTIONS_HAVE_PREREQ 0
#endif

/*
 * Where libcurl knows both a file and a directory of the system's trusted
 * certificates, only the directory is used unless thorough: parsing the file
 * takes several times as long as all the rest. Should a certificate not be
 * trusted then, the caller asks again, thorough, before it believes it.
 *
 * Set every option on a handle that was just made or reset. body_length is
 * what libcurl will announce and read of the request's body; text gets its
 * words on an error (CURL_ERROR_SIZE bytes). All of them must outlive the
 * exchange. Returns a code of libcurl.
 */
CURLcode options_set(CURL *easy, struct request *request, size_t body_length,
                     bool thorough, struct sockets *sockets,
                     struct response *response, char *text);

#endif
