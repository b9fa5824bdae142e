/*
 * Closing descriptors: see descriptors.h.
 */
#include "descriptors.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 65536 };

void
descriptors_close_from(unsigned first)
{
    struct rlimit limit;

#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
        return;
#endif
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > MOST)
        limit.rlim_cur = MOST;
    for (unsigned fd = first; fd < limit.rlim_cur; fd++)
        close((int)fd);
}
