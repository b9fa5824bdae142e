/*
 * Small things remembered between runs, in the user keyring: the MFA serial
 * number that was found, codes already used, how far the clock is off.
 *
 * Part of aws-session. A note is no secret, and losing one loses nothing but
 * a round trip: so failures are silent.
 */
#ifndef AWS_SESSION_NOTE_H
#define AWS_SESSION_NOTE_H

#include <stddef.h>

/*
 * Read the note name about subject (NULL for none) into buffer as a string.
 * Returns its length, or -1 if there is none or it does not fit.
 */
int note_read(const char *name, const char *subject, char *buffer,
              size_t size);

/* Remember text for seconds (0: until reboot). */
void note_write(const char *name, const char *subject, const char *text,
                unsigned seconds);

void note_remove(const char *name, const char *subject);

#endif
