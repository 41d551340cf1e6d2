/*
 * Two instruments, one process: what eBPF counted against what /proc says.
 *
 * Pure: from two samples that hold both (procfs' metrics and the ebpf_ ones).  A
 * residual is eBPF minus procfs, over the time between the samples.  CPU time is
 * judged: within 0.5 %, or within 1 ms per 10 s where that is more.  For a process that sleeps often
 * CPU time and wait differ in opposite directions for a reason that ebpf.h gives;
 * their sum does so less, and is judged by the same limits.
 */
#ifndef PROBES_RECONCILE_H
#define PROBES_RECONCILE_H

#include "harness/probes/probe.h"

enum reconcile_id {
	RECONCILE_CPU,	     /* against the CPU clock */
	RECONCILE_SCHED_CPU, /* against schedstat, which lags by up to a tick */
	RECONCILE_WAIT,
	RECONCILE_CPU_AND_WAIT, /* against schedstat */
	RECONCILE_VOLUNTARY,
	RECONCILE_INVOLUNTARY,
	RECONCILE_FAULTS,
	RECONCILE_ROWS
};

#define RECONCILE_GOAL_FRAC	  0.005
#define RECONCILE_GOAL_NS_PER_10S 1e6

struct reconcile_row {
	bool there;
	char why[PROBE_REASON_MAX]; /* when not there */
	int64_t procfs, ebpf;	    /* ns or counts, over the time between the samples */
	int64_t residual;	    /* ebpf - procfs */
	double residual_pct;	    /* of procfs'; NaN when that is 0 */
	bool judged;		    /* there is a goal for it */
	bool within;		    /* the goal is met */
};

struct reconcile {
	double seconds;
	struct reconcile_row rows[RECONCILE_ROWS];
};

extern const char *const reconcile_names[RECONCILE_ROWS]; /* "run-queue wait" */

void reconcile(const struct probe_sample *from, const struct probe_sample *to,
	       struct reconcile *out);

#endif
