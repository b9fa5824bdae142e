/*
 * Sessions inside sessions: what the outer one set for its own profile does
 * not count for another one.
 *
 * Part of aws-session. The region of a profile, --region, --session-duration
 * and --mfa-serial are defaults inside the session, by their variables. Which
 * of these it set, and to what, the session says in AWS_SESSION_FOR_PROFILE;
 * a value that the person sets inside is another one, and counts.
 */
#ifndef AWS_SESSION_NESTED_H
#define AWS_SESSION_NESTED_H

enum { NESTED_SIZE = 1024 };

/*
 * Before options are applied to the environment: if we are in the session of
 * another profile than this one, remove what it set. Remembers what is the
 * person's own.
 */
void nested_begin(const char *profile);

/*
 * The value of AWS_SESSION_FOR_PROFILE for what runs inside, written to
 * text: what is not the person's own. region is that of the session. Returns
 * text, or NULL if there is nothing to say.
 */
const char *nested_describe(char text[NESTED_SIZE], const char *region);

#endif
