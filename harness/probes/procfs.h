/*
 * The probe that reads /proc: what the kernel says of a process, by descriptors kept open.
 *
 * Cost of a sample on a 2-core VM: 5 to 10 us for CPU time, waiting and switches
 * of a process with one thread, some 50 us more with RSS, PSS and USS
 * (smaps_rollup walks the page tables).  Ask often for the first, seldom for the second.
 *
 * What the figures mean:
 * - cpu_ns is the process' CPU clock: all threads, exited ones included, in ns.
 * - schedstat exists for each thread only: sums are over the living threads plus
 *   the last that was seen of exited ones, so a thread that lived between two
 *   samples is missing in sched_cpu_ns, runq_wait_ns, timeslices and the
 *   switches; that sched_cpu_ns is below cpu_ns then shows it.
 * - Both lag by up to a scheduler tick while the process is on a CPU.
 * - Faults, user_ns and system_ns are the kernel's own sums over all threads.
 */
#ifndef PROBES_PROCFS_H
#define PROBES_PROCFS_H

#include "harness/probes/probe.h"

extern const struct probe_ops procfs_probe;

/* What is cheap enough to sample at 10 Hz: everything but smaps_rollup. */
#define PROCFS_CHEAP \
	(PROBE_ALL & \
	 ~(PROBE_BIT(PROBE_RSS_BYTES) | PROBE_BIT(PROBE_PSS_BYTES) | PROBE_BIT(PROBE_USS_BYTES)))

#endif
