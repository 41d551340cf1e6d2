/*
 * What is measured of a running process, and the table a probe is.
 *
 * A probe fills the metrics it knows; every other one, and every one that could
 * not be read, carries the reason instead of a value (rule 9 of the measurement:
 * never 0, never a guess).  Values are cumulative since the process started
 * (counters) or at the moment of sampling (gauges): see probe_metrics[].kind.
 *
 * Adding a metric is a row in probe.c; adding a probe is one const table of
 * these functions.  Threads: one probe handle belongs to one thread.
 */
#ifndef PROBES_PROBE_H
#define PROBES_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "extractors/base/err.h"

enum probe_metric {
	PROBE_CPU_NS,	    /* CPU time of the whole process, exited threads included */
	PROBE_SCHED_CPU_NS, /* the same by schedstat, summed over threads: the cross-check */
	PROBE_RUNQ_WAIT_NS, /* runnable and waiting for a CPU, summed over threads */
	PROBE_TIMESLICES,   /* times a thread was put on a CPU */
	PROBE_USER_NS,	    /* utime of stat: 10 ms ticks, written as ns */
	PROBE_SYSTEM_NS,
	PROBE_VOL_SWITCHES,   /* the process went to sleep: its wakeups */
	PROBE_INVOL_SWITCHES, /* it was preempted */
	PROBE_MINOR_FAULTS,
	PROBE_MAJOR_FAULTS,
	PROBE_THREADS,
	PROBE_RSS_BYTES, /* exact, of smaps_rollup */
	PROBE_PSS_BYTES,
	PROBE_USS_BYTES,      /* private clean and dirty */
	PROBE_RSS_FAST_BYTES, /* of statm: cheap, off by up to a few hundred KiB since Linux 6.2 */
	PROBE_PEAK_RSS_BYTES, /* VmHWM */
	PROBE_READ_BYTES,     /* through read()-like calls; rchar of io */
	PROBE_WRITTEN_BYTES,
	PROBE_READ_CALLS, /* read()-like system calls; not recv() */
	PROBE_WRITE_CALLS,
	PROBE_WAKEUPS,	/* counted by the scheduler's own tracepoints (eBPF) */
	PROBE_SYSCALLS, /* every system call (eBPF, never in scored runs) */
	/* By eBPF, from the probe's open on; names of their own, beside what procfs says. */
	PROBE_EBPF_CPU_NS,
	PROBE_EBPF_RUNQ_WAIT_NS,
	PROBE_EBPF_TIMESLICES,
	PROBE_EBPF_VOL_SWITCHES,
	PROBE_EBPF_INVOL_SWITCHES,
	PROBE_EBPF_FAULTS, /* minor and major */
	PROBE_EBPF_UNSEEN, /* time slices whose beginning was missed */
	/* By the CPU's counters, where the host has them: user and kernel. */
	PROBE_INSTRUCTIONS,
	PROBE_CYCLES,
	PROBE_CACHE_MISSES,
	PROBE_BRANCH_MISSES,
	PROBE_METRICS
};

#define PROBE_BIT(metric) (UINT64_C(1) << (metric))
#define PROBE_ALL	  (PROBE_BIT(PROBE_METRICS) - 1)
/* Which probe brings what procfs does not. */
#define PROBE_OF_EBPF                                                                \
	(PROBE_BIT(PROBE_WAKEUPS) | PROBE_BIT(PROBE_EBPF_CPU_NS) |                   \
	 PROBE_BIT(PROBE_EBPF_RUNQ_WAIT_NS) | PROBE_BIT(PROBE_EBPF_TIMESLICES) |     \
	 PROBE_BIT(PROBE_EBPF_VOL_SWITCHES) | PROBE_BIT(PROBE_EBPF_INVOL_SWITCHES) | \
	 PROBE_BIT(PROBE_EBPF_FAULTS) | PROBE_BIT(PROBE_EBPF_UNSEEN))
#define PROBE_OF_PERF                                                                              \
	(PROBE_BIT(PROBE_INSTRUCTIONS) | PROBE_BIT(PROBE_CYCLES) | PROBE_BIT(PROBE_CACHE_MISSES) | \
	 PROBE_BIT(PROBE_BRANCH_MISSES))

enum probe_kind { PROBE_COUNTER, PROBE_GAUGE };

struct probe_metric_info {
	const char *name; /* "cpu_ns": ends in its unit */
	enum probe_kind kind;
	const char *help;
};
extern const struct probe_metric_info probe_metrics[PROBE_METRICS];

#define PROBE_REASON_MAX 96
#define PROBE_NOT_ASKED	 "not asked for"

struct probe_sample {
	int64_t at_ns;	 /* monotonic, when the sample was begun */
	int64_t cost_ns; /* what taking it took */
	uint64_t have;	 /* PROBE_BIT() of every value below that was read */
	int64_t value[PROBE_METRICS];
	/* Why a value is missing; "" for those that are there, PROBE_NOT_ASKED from the start. */
	char reason[PROBE_METRICS][PROBE_REASON_MAX];
};

struct probe; /* each probe's own */

struct probe_ops {
	const char *name;
	/* False with the reason in *why: not on this kernel, not for this user, not built in. */
	bool (*available)(struct err *why);
	/* Attach to a process that has done its exec: files of /proc follow the program. */
	int (*open)(struct probe **out, pid_t pid, struct err *e);
	/*
	 * Fill the metrics of `want` (PROBE_BIT()s) and nothing else of *s, which the
	 * caller has reset; several probes may fill one sample in turn, cost_ns adds up.
	 * -ESRCH when the process is gone; what is merely unreadable is a reason.
	 */
	int (*sample)(struct probe *p, uint64_t want, struct probe_sample *s);
	void (*close)(struct probe *p);
};

void probe_sample_reset(struct probe_sample *s);
static inline bool probe_has(const struct probe_sample *s, enum probe_metric m)
{
	return s->have & PROBE_BIT(m);
}
/* For probes: set a value, or the reason why there is none (a value stays when there is one). */
void probe_set(struct probe_sample *s, enum probe_metric m, int64_t value);
void probe_miss(struct probe_sample *s, enum probe_metric m, const char *fmt, ...) PRINTF(3, 4);
/* The same for all of `metrics`, from an error that a probe's open() gave. */
void probe_miss_all(struct probe_sample *s, uint64_t metrics, const char *why);

/* later - earlier for counters, later for gauges; false when either side lacks it. */
bool probe_delta(const struct probe_sample *earlier, const struct probe_sample *later,
		 enum probe_metric m, int64_t *out) MUST_CHECK;

#endif
