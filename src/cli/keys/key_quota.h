/*
 * How much of the kernel's key quota a user has used.
 *
 * Part of aws-session. Source: proc_key-users(5).
 */
#ifndef AWS_SESSION_KEY_QUOTA_H
#define AWS_SESSION_KEY_QUOTA_H

struct key_quota {
    long keys;
    long keys_most;
    long bytes;
    long bytes_most;
};

/*
 * Find the line of a user in the text of /proc/key-users. Returns 0, or -1 if
 * there is none.
 */
int key_quota_parse(const char *text, unsigned uid, struct key_quota *quota);

/* Read the calling user's. Returns 0, or -1 if it is not known. */
int key_quota_read(struct key_quota *quota);

#endif
