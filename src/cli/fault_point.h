/*
 * Places at which a test ends us: what is left behind must be good then.
 *
 * Part of aws-session. In the installed program fault_point does nothing; in
 * tests/aws-session it raises SIGKILL at the one whose number a variable
 * names (fault_point.c).
 */
#ifndef AWS_SESSION_FAULT_POINT_H
#define AWS_SESSION_FAULT_POINT_H

/* Called between two steps that change something outside of us; place names
 * the step that is done. */
void fault_point(const char *place);

#endif
