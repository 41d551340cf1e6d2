/*
 * Ending a process group that is not ours to wait for.
 *
 * A process number can be given to somebody else.  A group is therefore known by
 * its leader's start time and its session too, members are signalled by pidfd
 * after a second look, and whatever does not match is left alone.
 */
#ifndef HARNESS_PGROUP_H
#define HARNESS_PGROUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"

struct pgroup {
	pid_t pgid;
	int64_t session;
	int64_t start_ticks; /* of its leader, since boot */
};

/* Take down what identifies the group of a living leader. */
int pgroup_identify(struct pgroup *g, pid_t leader, struct err *e) MUST_CHECK;
/* How many living processes a group has. */
int pgroup_count(pid_t pgid, size_t *n) MUST_CHECK;
/*
 * SIGTERM to every member, after the grace SIGKILL until none is left.  Returns
 * how many members there were at first, or -EBUSY when some remain.
 */
int pgroup_end(const struct pgroup *g, int64_t grace_ns) MUST_CHECK;

#endif
