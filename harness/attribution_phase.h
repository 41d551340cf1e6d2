/*
 * The phase `attribution` of the scenario cpu: which system calls a subject makes.
 *
 * One run of each implementation that the scenario compares, on the side and never
 * scored otherwise: tracing every system call makes each slower.  Its ledger and
 * oracle hold as in any run; what it yields is METRIC_SYSCALLS and, as a fact, the
 * names of the calls.
 */
#ifndef HARNESS_ATTRIBUTION_PHASE_H
#define HARNESS_ATTRIBUTION_PHASE_H

#include "harness/session.h"

#define ATTRIBUTION_PHASE "attribution"

/* Runs into s->result; without eBPF a fact that says so.  -EINTR when stopped by a signal. */
int attribution_phase_run(struct session *s, struct err *e) MUST_CHECK;

#endif
