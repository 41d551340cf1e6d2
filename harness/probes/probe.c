/* The table of metrics and the little that every probe needs; see probe.h. */
#include "harness/probes/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct probe_metric_info probe_metrics[PROBE_METRICS] = {
	[PROBE_CPU_NS] = { "cpu_ns", PROBE_COUNTER,
			   "CPU time of all threads, exited ones included" },
	[PROBE_SCHED_CPU_NS] = { "sched_cpu_ns", PROBE_COUNTER,
				 "CPU time by schedstat, summed over threads" },
	[PROBE_RUNQ_WAIT_NS] = { "runq_wait_ns", PROBE_COUNTER, "runnable, waiting for a CPU" },
	[PROBE_TIMESLICES] = { "timeslices", PROBE_COUNTER, "times put on a CPU" },
	[PROBE_USER_NS] = { "user_ns", PROBE_COUNTER, "user time in clock ticks" },
	[PROBE_SYSTEM_NS] = { "system_ns", PROBE_COUNTER, "system time in clock ticks" },
	[PROBE_VOL_SWITCHES] = { "voluntary_switches", PROBE_COUNTER, "went to sleep" },
	[PROBE_INVOL_SWITCHES] = { "involuntary_switches", PROBE_COUNTER, "was preempted" },
	[PROBE_MINOR_FAULTS] = { "minor_faults", PROBE_COUNTER, "page faults without I/O" },
	[PROBE_MAJOR_FAULTS] = { "major_faults", PROBE_COUNTER, "page faults with I/O" },
	[PROBE_THREADS] = { "threads", PROBE_GAUGE, "threads" },
	[PROBE_RSS_BYTES] = { "rss_bytes", PROBE_GAUGE, "resident" },
	[PROBE_PSS_BYTES] = { "pss_bytes", PROBE_GAUGE, "resident, shared pages divided" },
	[PROBE_USS_BYTES] = { "uss_bytes", PROBE_GAUGE, "resident and private" },
	[PROBE_RSS_FAST_BYTES] = { "rss_fast_bytes", PROBE_GAUGE,
				   "resident, the kernel's estimate" },
	[PROBE_PEAK_RSS_BYTES] = { "peak_rss_bytes", PROBE_GAUGE, "highest resident ever" },
	[PROBE_READ_BYTES] = { "read_bytes", PROBE_COUNTER, "bytes of read()-like calls" },
	[PROBE_WRITTEN_BYTES] = { "written_bytes", PROBE_COUNTER, "bytes of write()-like calls" },
	[PROBE_READ_CALLS] = { "read_calls", PROBE_COUNTER, "read()-like system calls" },
	[PROBE_WRITE_CALLS] = { "write_calls", PROBE_COUNTER, "write()-like system calls" },
	[PROBE_WAKEUPS] = { "wakeups", PROBE_COUNTER, "woken by the scheduler" },
	[PROBE_SYSCALLS] = { "syscalls", PROBE_COUNTER, "system calls" },
	[PROBE_EBPF_CPU_NS] = { "ebpf_cpu_ns", PROBE_COUNTER, "on a CPU, by eBPF" },
	[PROBE_EBPF_RUNQ_WAIT_NS] = { "ebpf_runq_wait_ns", PROBE_COUNTER,
				      "runnable, waiting for a CPU, by eBPF" },
	[PROBE_EBPF_TIMESLICES] = { "ebpf_timeslices", PROBE_COUNTER,
				    "times put on a CPU, by eBPF" },
	[PROBE_EBPF_VOL_SWITCHES] = { "ebpf_voluntary_switches", PROBE_COUNTER,
				      "went to sleep, by eBPF" },
	[PROBE_EBPF_INVOL_SWITCHES] = { "ebpf_involuntary_switches", PROBE_COUNTER,
					"was preempted, by eBPF" },
	[PROBE_EBPF_FAULTS] = { "ebpf_faults", PROBE_COUNTER, "page faults, by eBPF" },
	[PROBE_EBPF_UNSEEN] = { "ebpf_unseen", PROBE_COUNTER,
				"time slices whose beginning was not seen" },
	[PROBE_INSTRUCTIONS] = { "instructions", PROBE_COUNTER, "instructions retired" },
	[PROBE_CYCLES] = { "cycles", PROBE_COUNTER, "CPU cycles" },
	[PROBE_CACHE_MISSES] = { "cache_misses", PROBE_COUNTER, "last-level cache misses" },
	[PROBE_BRANCH_MISSES] = { "branch_misses", PROBE_COUNTER, "mispredicted branches" },
};

void probe_sample_reset(struct probe_sample *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < PROBE_METRICS; i++)
		strcpy(s->reason[i], PROBE_NOT_ASKED);
}

void probe_set(struct probe_sample *s, enum probe_metric m, int64_t value)
{
	s->have |= PROBE_BIT(m);
	s->value[m] = value;
	s->reason[m][0] = '\0';
}

void probe_miss(struct probe_sample *s, enum probe_metric m, const char *fmt, ...)
{
	va_list ap;

	if (probe_has(s, m))
		return;
	va_start(ap, fmt);
	vsnprintf(s->reason[m], sizeof(s->reason[m]), fmt, ap);
	va_end(ap);
}

void probe_miss_all(struct probe_sample *s, uint64_t metrics, const char *why)
{
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++)
		if (metrics & PROBE_BIT(m))
			probe_miss(s, m, "%s", why);
}

bool probe_delta(const struct probe_sample *earlier, const struct probe_sample *later,
		 enum probe_metric m, int64_t *out)
{
	bool counter = probe_metrics[m].kind == PROBE_COUNTER;

	if (!probe_has(later, m) || (counter && !probe_has(earlier, m)))
		return false;
	*out = later->value[m] - (counter ? earlier->value[m] : 0);
	return true;
}
