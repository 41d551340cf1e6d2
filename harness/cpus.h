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

#include "extractors/base/buf.h"

struct cpus {
	int n; /* cores this process may use */
	cpu_set_t subject, servers, generator, tap;
};

/* From the affinity of the calling thread. */
void cpus_assign(struct cpus *c);
/* The same from a given set, for tests. */
void cpus_assign_from(struct cpus *c, const cpu_set_t *allowed);
/* "subject on 1, servers on 0, …" */
void cpus_write(const struct cpus *c, struct buf *out);

#endif
