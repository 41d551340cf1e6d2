/*
 * fork and exec, with everything between them that a measured child needs.
 *
 * Ownership: the descriptors of the result are the caller's, the child must be
 * reaped by it.  See proc.h, which is what to use; this is its lower half.
 */
#ifndef HARNESS_SPAWN_H
#define HARNESS_SPAWN_H

#include <sched.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"

struct spawn_spec {
	const char *path; /* of the program */
	char *const *argv, *const *env;
	const char *cwd;       /* or NULL */
	const cpu_set_t *cpus; /* or NULL */
	/* Called when the group exists and before the program runs; may be NULL. */
	int (*born)(void *ctx, pid_t pgid, struct err *e);
	void *born_ctx;
};

struct spawned {
	pid_t pid; /* leader of its own process group */
	int pidfd;
	int stdout_fd, stderr_fd; /* read ends, non-blocking */
	int64_t started_ns;	  /* monotonic, read by the child just before exec */
	int64_t pre_exec_cpu_ns;
};

int spawn(const struct spawn_spec *spec, struct spawned *out, struct err *e) MUST_CHECK;

#endif
