/*
 * The probe that counts in the kernel: the scheduler's own events, by eBPF.
 *
 * One object is loaded for the whole program and attached to tracepoints; each open
 * handle is a slot of it, SCHED_SLOTS at a time.  It brings the metrics of
 * PROBE_OF_EBPF, which have names of their own, so that one sample holds what procfs
 * says beside what this says (reconcile.h).
 *
 * What the figures mean:
 * - Counters begin with 0 at the probe's open, not at the process' start.
 * - All threads of the process, also those that lived between two samples.
 * - ebpf_cpu_ns holds the slice that is running now; time in interrupts that hit the
 *   process, and time stolen by the hypervisor meanwhile, are in it, while the
 *   kernel's own accounting may leave them out.
 * - The wait goes from the tracepoint of the wakeup to that of the switch.  The kernel does
 *   not read its clock between a wakeup that preempts and that switch
 *   (rq_clock_skip_update()), so its books (schedstat, CPU clocks) have the rest of the
 *   interrupt and the way out of idle as CPU time of the process: 8 to 15 us a
 *   wakeup on a VM, seen as as much more wait here.  CPU time and wait together are closer:
 *   the same for a process woken on its own CPU, some 6 us a wakeup less here for one
 *   woken from another, as the tracepoint comes after the interrupt to that CPU was sent.
 * - ebpf_unseen is how many slices began unseen.  Their CPU time is the scheduler's own,
 *   their wakeups are inferred, waits are missing: when they are more than 5 % and one of all
 *   slices there is no ebpf_runq_wait_ns.
 * - Reading costs no system call but one poll(): the counters are mapped.
 *
 * Needs root (or CAP_BPF and CAP_PERFMON), BTF, the initial PID namespace and a
 * build with clang, bpftool and libbpf; else available() and open() say what is missing.
 * Threads: all calls from one thread; handles share the object.
 */
#ifndef PROBES_EBPF_H
#define PROBES_EBPF_H

#include "harness/probes/probe.h"

extern const struct probe_ops ebpf_probe;

/*
 * Keep the object loaded from here to ebpf_release(), whether or not handles are
 * open: loading takes some 50 ms, and the cost of being attached should be the same
 * for all runs of a session.  Calls nest.  On an error there is nothing to release.
 */
int ebpf_hold(struct err *e) MUST_CHECK;
void ebpf_release(void);

#endif
