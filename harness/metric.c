/* The metric table; see metric.h. */
#include "harness/metric.h"

#include <string.h>

const struct metric_info metrics[METRICS] = {
	[METRIC_DRAIN_RATE] = { "drain_events_per_s", "drained", "k events/s", 1e-3, 1,
				HIGHER_IS_BETTER, true,
				"events / (time from the first send until the subject had counted the last "
				"one, outstanding data bounded, + time from the sentinel to its features)" },
	[METRIC_SUSTAINED_RATE] = { "sustained_events_per_s", "sustained", "k events/s", 1e-3, 1,
				    HIGHER_IS_BETTER, false,
				    "highest open-loop rate held with the lag below its limit and "
				    "a closed ledger" },
	[METRIC_CPU_PER_EVENT] = { "cpu_ns_per_event", "CPU per event", "ns", 1, 0, LOWER_IS_BETTER,
				   true,
				   "on-CPU time of all the subject's threads from the end of the warm-up until "
				   "the sentinel's features were out and in the database, / events" },
	[METRIC_RSS] = { "rss_bytes", "RSS", "MB", 1e-6, 2, LOWER_IS_BETTER, true,
			 "resident set when everything was done and the points were in the "
			 "database, /proc/PID/smaps_rollup" },
	[METRIC_PSS] = { "pss_bytes", "PSS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			 "resident set, shared pages divided by their users" },
	[METRIC_USS] = { "uss_bytes", "USS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			 "private pages: what ending the process would free" },
	[METRIC_PEAK_RSS] = { "peak_rss_bytes", "peak RSS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			      "VmHWM" },
	[METRIC_RSS_IDLE] = { "rss_idle_bytes", "RSS idle", "MB", 1e-6, 2, LOWER_IS_BETTER, true,
			      "after readiness, before the first event" },
	[METRIC_PSS_IDLE] = { "pss_idle_bytes", "PSS idle", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			      "the same, shared pages divided by their users" },
	[METRIC_USS_IDLE] = { "uss_idle_bytes", "USS idle", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			      "the same, private pages" },
	[METRIC_RSS_AFTER] = { "rss_after_bytes", "RSS after human-rate load", "MB", 1e-6, 2,
			       LOWER_IS_BETTER, false,
			       "after full buffers and then a person's work" },
	[METRIC_GROWTH] = { "growth_bytes_per_1000_events", "growth per 1,000 events", "bytes", 1,
			    0, LOWER_IS_BETTER, false,
			    "USS after the human-rate load minus USS with full buffers, / events * 1,000" },
	[METRIC_CPU_IDLE] = { "cpu_idle_pct", "CPU idle", "% of a core", 1, 4, LOWER_IS_BETTER,
			      true, "on-CPU time of all threads while nothing is sent" },
	[METRIC_CPU_HUMAN] = { "cpu_human_pct", "CPU at human rate", "% of a core", 1, 4,
			       LOWER_IS_BETTER, true,
			       "15 key and 60 mouse events a second, app changes; no questions asked meanwhile" },
	[METRIC_CPU_FLOOD] = { "cpu_1000_per_s_pct", "CPU at 1,000 events/s", "% of a core", 1, 3,
			       LOWER_IS_BETTER, true, "the same mix, 1,000 a second" },
	[METRIC_WAKEUPS_IDLE] = { "wakeups_idle_per_s", "wakeups idle", "1/s", 1, 2,
				  LOWER_IS_BETTER, false,
				  "wakeups a second by the scheduler's tracepoints while nothing is sent; without "
				  "eBPF the voluntary context switches" },
	[METRIC_RUNQ_PER_EVENT] = { "runq_wait_ns_per_event", "run-queue wait per event", "ns", 1,
				    0, LOWER_IS_BETTER, false,
				    "time runnable but not running, at 1,000 events/s or the duet's rate, from the wakeup to the switch "
				    "by the scheduler's tracepoints; without eBPF by schedstat, which has the end of "
				    "the waking interrupt and the way out of idle as CPU time" },
	[METRIC_FAULTS] = { "page_faults", "page faults", "", 1, 0, LOWER_IS_BETTER, false,
			    "over both loads, with and without I/O, by tracepoints; without eBPF by /proc" },
	[METRIC_READY] = { "ready_ms", "exec to ready", "ms", 1, 2, LOWER_IS_BETTER, false,
			   "from exec to READY=1 (or to the subscription, where a subject does "
			   "not notify)" },
	[METRIC_FIRST_FEATURE] = { "first_feature_ms", "exec to first features", "ms", 1, 2,
				   LOWER_IS_BETTER, true,
				   "from exec to the receipt of the first correct feature message; events come "
				   "from readiness on, 5,000 a second, and features need 10 (keystroke), 50 "
				   "(mouse) or 2 (app) of them" },
	[METRIC_EXEC_CPU] = { "exec_cpu_ms", "CPU until ready", "ms", 1, 2, LOWER_IS_BETTER, true,
			      "on-CPU time from exec until it waits for events" },
	[METRIC_EXTRACT_FEATURES] = { "feature_messages", "feature messages", "", 1, 0,
				      NEITHER_IS_BETTER, false,
				      "published by the subject in the run" },
	[METRIC_SWITCHES_PER_1000] = { "switches_per_1000_events", "switches per 1,000 events", "",
				       1, 2, LOWER_IS_BETTER, false,
				       "voluntary and involuntary context switches" },
	[METRIC_RESPONSE_P50] = { "response_p50_us", "response time p50, by run", "µs", 1, 1,
				  LOWER_IS_BETTER, false,
				  "from the trigger's intended time to the receipt of its features by the harness "
				  "(the relay: of the event itself)" },
	[METRIC_RESPONSE_P99] = { "response_p99_us", "response time p99, by run", "µs", 1, 1,
				  LOWER_IS_BETTER, false,
				  "the same; of runs with 100 samples or more" },
	[METRIC_SERVICE_P50] = { "service_p50_us", "service time p50, by run", "µs", 1, 1,
				 LOWER_IS_BETTER, false,
				 "from the trigger's actual sending, which waits for the answer before it" },
	[METRIC_SERVICE_P99] = { "service_p99_us", "service time p99, by run", "µs", 1, 1,
				 LOWER_IS_BETTER, false,
				 "the same; of runs with 100 samples or more" },
	[METRIC_CPU_PER_TRIGGER] = { "cpu_us_per_trigger", "CPU per trigger", "µs", 1, 1,
				     LOWER_IS_BETTER, false,
				     "on-CPU time of the subject while it answered triggers and nothing else, / triggers: "
				     "reading, extraction, publishing" },
	[METRIC_RECONNECTS] = { "reconnects", "reconnects", "", 1, 0, LOWER_IS_BETTER, false,
				"by the subject's own counter; one makes the run void" },
	[METRIC_STORED_RATE] = { "stored_points_per_s", "stored", "k points/s", 1e-3, 2,
				 HIGHER_IS_BETTER, false,
				 "points / time from the first send until the database held them all" },
	[METRIC_STORE_LAG] = { "store_lag_ms", "last message until stored", "ms", 1, 0,
			       LOWER_IS_BETTER, false,
			       "from the receipt of the last feature message until the database held "
			       "all points" },
	[METRIC_INSTRUCTIONS] = { "instructions_per_event", "instructions per event", "", 1, 1,
				  LOWER_IS_BETTER, false,
				  "of the subject's own type, in user space, from the socket into the buffer, by "
				  "callgrind: what 2N events take more than N, / N; given in lock-step in "
				  "reads of at most 2 KiB, without features but app's" },
	[METRIC_WAKEUPS_HUMAN] = { "wakeups_human_per_s", "wakeups at human rate", "1/s", 1, 2,
				   LOWER_IS_BETTER, false,
				   "the same as idle, while a person works" },
	[METRIC_SYSCALLS] = { "syscalls_per_event", "system calls per event", "", 1, 3,
			      LOWER_IS_BETTER, false,
			      "at 1,000 events/s, every call of all threads, in one run of its own under tracing "
			      "of system calls, of which nothing else is taken; which ones they are is under "
			      "\"Host and configuration\"" },
	[METRIC_HW_INSTRUCTIONS] = { "hw_instructions_per_event",
				     "instructions per event, by the CPU", "", 1, 0,
				     LOWER_IS_BETTER, false,
				     "the CPU's own counter over the drain, user and kernel, features and "
				     "database writes in it" },
	[METRIC_HW_CYCLES] = { "hw_cycles_per_event", "cycles per event, by the CPU", "", 1, 0,
			       LOWER_IS_BETTER, false, "the same of its clock cycles" },
};

int metric_find(const char *key)
{
	for (int i = 0; i < METRICS; i++)
		if (!strcmp(metrics[i].key, key))
			return i;
	return -1;
}
