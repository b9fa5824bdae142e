/*
 * Where tests interrupt us: see fault_point.h. Part of aws-session; a file of
 * its own, because it differs between the installed program and the one of
 * the build tree.
 */
#include "fault_point.h"

#ifdef FAULT_POINTS

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Not in the installed program, and so in no manual. */
static const char variable[] = "FAULT_POINT";

/* FAULT_POINT=N: killed at the N-th place, after saying which one it is. */
void
fault_point(const char *place)
{
    static long passed;
    const char *wanted = getenv(variable);

    passed++;
    if (wanted == NULL || strtol(wanted, NULL, 10) != passed)
        return;
    fprintf(stderr, "killed after: %s\n", place);
    raise(SIGKILL);
}

#else

void
fault_point(const char *place)
{
    (void)place;
}

#endif
