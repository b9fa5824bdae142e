/*
 * The key quota: see key_quota.h. Part of aws-session.
 */
#include "key_quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "/proc/key-users";

int
key_quota_parse(const char *text, unsigned uid, struct key_quota *quota)
{
    while (*text != '\0') {
        unsigned of;

        /* UID: USAGE NKEYS/NIKEYS QNKEYS/MAXKEYS QNBYTES/MAXBYTES */
        if (sscanf(text, "%u: %*d %*d/%*d %ld/%ld %ld/%ld", &of, &quota->keys,
                   &quota->keys_most, &quota->bytes,
                   &quota->bytes_most) == 5 &&
            of == uid)
            return 0;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    *quota = (struct key_quota){0};
    return -1;
}

int
key_quota_read(struct key_quota *quota)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int result = -1;

    *quota = (struct key_quota){0};
    if (file == NULL)
        return -1;
    while (result != 0 && getline(&line, &size, file) > 0)
        result = key_quota_parse(line, (unsigned)getuid(), quota);
    free(line);
    fclose(file);
    return result;
}
