/*
 * Descriptors that a program must not get.
 *
 * Part of aws-session, aws-session-runas and the PAM module. Nothing but
 * system calls: the module calls this in a child that it forked in a process
 * with threads.
 */
#ifndef AWS_SESSION_DESCRIPTORS_H
#define AWS_SESSION_DESCRIPTORS_H

/* Close this one and all above, as sudo(8) does. */
void descriptors_close_from(unsigned first);

#endif
