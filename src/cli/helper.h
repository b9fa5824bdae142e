/*
 * Starting our helper programs: aws-session-sign, -sts and -qr.
 *
 * Part of aws-session. A helper is started by compiled-in path with a fixed
 * environment and no file descriptors but standard error and one socket.
 */
#ifndef AWS_SESSION_HELPER_H
#define AWS_SESSION_HELPER_H

#include "message.h"

#include <sys/types.h>

/* The compiled-in paths (helper_path.c). */
extern const char sign_path[];
extern const char sts_path[];
extern const char qr_path[];
extern const char runas_path[];

/* A running helper. Initialise with HELPER_NONE. */
struct helper {
    const char *path;
    pid_t pid; /* 0 when none runs */
    int fd;    /* our end of the socket; close-on-exec */
};

#define HELPER_NONE                                                           \
    {                                                                         \
        .path = NULL, .pid = 0, .fd = -1                                      \
    }

/* Start the program at path. Returns 0, or -1 with the report filled. */
int helper_start(struct helper *helper, const char *path,
                 struct report *report);

/*
 * Send a message, or receive one of the expected types (MESSAGE_BIT mask)
 * within timeout_ms (-1: for ever). Return 0, or -1 with a report that names
 * the program and the remedy.
 */
int helper_send(struct helper *helper, struct message *message,
                struct report *report);
int helper_receive(struct helper *helper, struct message *message,
                   uint64_t expected, int timeout_ms, struct report *report);

/* Close the socket, which ends the helper, and reap it. Takes none. */
void helper_stop(struct helper *helper);

/* Close every descriptor from first on, whatever the caller left open. */
void helper_sweep_descriptors(int first);

#endif
