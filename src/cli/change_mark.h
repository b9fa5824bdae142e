/*
 * The change mark: one line in a file that is another one after every change
 * of the kept sessions, so that a shell notices by reading a line, without a
 * fork, that a session was renewed or cleared elsewhere.
 *
 * Part of aws-session. The file is "aws-session-changes" in the runtime
 * directory (runtime_dir.h); it holds nothing but a time, and losing it costs
 * a shell one look into the keyring. The hooks in shell/ read it.
 */
#ifndef AWS_SESSION_CHANGE_MARK_H
#define AWS_SESSION_CHANGE_MARK_H

enum { CHANGE_MARK_SIZE = 32 };

/* Make the mark another one. Failures are silent: see above. */
void change_mark_set(void);

/* Read the mark, without its newline; "" if there is none. */
void change_mark_read(char mark[CHANGE_MARK_SIZE]);

/*
 * Read the mark and remember it, before the keyring is looked into: what
 * changes from then on is news for the shell that we become.
 */
void change_mark_look(void);

/* The mark of change_mark_look, or that of our own change_mark_set since. */
const char *change_mark_seen(void);

#endif
