/*
 * Who runs where: the cores of a session, declared before it (rule 5).
 *
 * The subject has a core to itself wherever there are two; servers, generator
 * and tap (with the rest of the harness) share what is left, one core each as
 * far as they go.
 */
#ifndef HARNESS_CPUS_H
#define HARNESS_CPUS_H

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "extractors/base/buf.h"
#include "extractors/base/compiler.h"
#include "extractors/base/err.h"

struct cpus {
	int n; /* cores this process may use */
	cpu_set_t allowed;
	cpu_set_t subject, servers, generator, tap;
};

/* From the affinity of the calling thread. */
void cpus_assign(struct cpus *c);
/* The same from a given set, for tests. */
void cpus_assign_from(struct cpus *c, const cpu_set_t *allowed);
/*
 * The same for two subjects at once: out[0] and out[1] differ in the subject's core alone,
 * and the subjects change places halfway (duet.h).
 * With two cores the second subject shares one with servers, generators and taps, with
 * three it has one to itself.  False with one core: they would take turns on it.
 */
bool cpus_duet(const struct cpus *c, struct cpus out[2]) MUST_CHECK;
/* Put every thread of a process on these cores; one that it starts later stays with its maker. */
int cpus_move(pid_t pid, const cpu_set_t *set, struct err *e) MUST_CHECK;
/* "subject on 1, servers on 0, …" */
void cpus_write(const struct cpus *c, struct buf *out);

#endif
