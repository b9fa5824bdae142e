/*
 * One at a time: step 3 of the way of a session. Ten shells that need the
 * same session ask for one MFA code.
 *
 * Part of aws-session. A lock file below /run/user/UID, else below
 * /tmp/aws-session-UID; the kernel lets go of it when its holder ends,
 * however it ends. Without a safe place for it we go on without.
 */
#ifndef AWS_SESSION_LOCK_H
#define AWS_SESSION_LOCK_H

enum { LOCK_PATH_SIZE = 128, LOCK_PATIENCE = 30 };

/* Initialise with LOCK_NONE. */
struct lock {
    int fd; /* close-on-exec; -1 when not held */
    char path[LOCK_PATH_SIZE];
};

#define LOCK_NONE                                                             \
    {                                                                         \
        .fd = -1, .path = ""                                                  \
    }

/* What a lock is held for. */
enum lock_purpose {
    LOCK_ASKING,  /* to ask a person at our terminal: those who wait hear it */
    LOCK_WORKING, /* to get a session and ask nobody */
    LOCK_BRIEF    /* for some microseconds: nobody is told anything */
};

/*
 * Take the lock of that id (a part of a file name); waits while another
 * process holds it, and says so. Who asks nobody does not wait for somebody
 * elsewhere for ever: after LOCK_PATIENCE seconds the lock is not held, and
 * what is to be said or done is the caller's.
 */
void lock_take(struct lock *lock, const char *id, enum lock_purpose purpose);

/* Take a lock without waiting. Returns 0 (also if we go on without), or -1 if
 * another process holds it. */
int lock_try(struct lock *lock, const char *id);

/* Let go, and remove the file. Takes one that is not held. */
void lock_release(struct lock *lock);

#endif
