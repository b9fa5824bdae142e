/*
 * Words of section names and of commands, split as a POSIX shell would.
 *
 * Part of aws-session, runs as the user. Follows Python's shlex.split, which
 * botocore uses for [profile "my dev"] and for credential_process.
 */
#ifndef AWS_SESSION_CONFIG_NAME_H
#define AWS_SESSION_CONFIG_NAME_H

#include <stddef.h>

/*
 * Write the next word of *text, without its quotes, to buffer, which must
 * hold strlen(*text) + 1 bytes; *text moves behind it. Returns 1, 0 if there
 * is no word left, or -1 if a quote is not closed or the text ends in a
 * backslash.
 */
int config_name_word(const char **text, char *buffer);

/*
 * The name in a section like [KIND NAME], where the first word only has to
 * begin with kind and exactly one word must follow. Writes it to buffer,
 * which must hold strlen(section) + 1 bytes, and returns buffer; NULL if the
 * section is no such one.
 */
char *config_name_of(const char *section, const char *kind, char *buffer);

#endif
