/*
 * The shape of an access key: see key_shape.h. Part of aws-session.
 */
#include "key_shape.h"

#include <string.h>

enum { SECRET_LENGTH = 40 };

static const char id_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "abcdefghijklmnopqrstuvwxyz"
                                    "0123456789_";

int
key_shape_check_id(const char *id, struct report *report)
{
    size_t length = strlen(id);

    if (length == 0)
        return report_set(report, "the access key id is empty");
    if (length == SECRET_LENGTH)
        return report_set(report,
                          "the access key id has %d characters, as a secret "
                          "access key has: are the two swapped?",
                          SECRET_LENGTH);
    if (length < KEY_SHAPE_ID_MIN || length > KEY_SHAPE_ID_MAX)
        return report_set(report,
                          "the access key id has %zu characters, and AWS's "
                          "have %d to %d (mostly 20)",
                          length, KEY_SHAPE_ID_MIN, KEY_SHAPE_ID_MAX);
    if (strspn(id, id_characters) != length)
        return report_set(report, "the access key id holds something else "
                                  "than letters and digits");
    if (strncmp(id, "ASIA", 4) == 0)
        return report_set(report,
                          "this is the id of a temporary access key (ASIA), "
                          "which cannot make an MFA session: take the "
                          "long-lived one of an IAM user (AKIA)");
    return 0;
}

int
key_shape_check_secret(const struct secret *secret, struct report *report)
{
    if (secret->length == 0)
        return report_set(report, "the secret access key is empty");
    if (secret->length > KEY_SHAPE_SECRET_MAX)
        return report_set(report,
                          "the secret access key has more than %d characters; "
                          "AWS's have %d",
                          KEY_SHAPE_SECRET_MAX, SECRET_LENGTH);
    for (size_t i = 0; i < secret->length; i++)
        if (secret->data[i] <= ' ' || secret->data[i] > '~')
            return report_set(report,
                              "the secret access key holds a blank, a "
                              "control character or a letter beyond ASCII");
    return 0;
}

int
key_shape_check_profile(const char *name, struct report *report)
{
    if (name[0] == '\0')
        return report_set(report, "the profile's name is empty");
    if (strlen(name) > KEY_SHAPE_PROFILE_MAX)
        return report_set(report, "the profile's name is longer than %d bytes",
                          KEY_SHAPE_PROFILE_MAX);
    for (const char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7F)
            return report_set(report, "the profile's name holds a control "
                                      "character");
    if (strchr(name, '/') != NULL)
        return report_set(report,
                          "the profile's name %.100s holds a slash: it is a "
                          "name, not a file",
                          name);
    return 0;
}
