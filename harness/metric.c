/* The metric table; see metric.h. */
#include "harness/metric.h"

#include <string.h>

const struct metric_info metrics[METRICS] = {
	[METRIC_DRAIN_RATE] = { "drain_events_per_s", "drained", "k events/s", 1e-3, 1,
				HIGHER_IS_BETTER, true,
				"events of the plan / time from the first send until the subject "
				"counted the last one, outstanding data bounded" },
	[METRIC_SUSTAINED_RATE] = { "sustained_events_per_s", "sustained", "k events/s", 1e-3, 1,
				    HIGHER_IS_BETTER, false,
				    "highest open-loop rate held with the lag below its limit and "
				    "a closed ledger" },
	[METRIC_CPU_PER_EVENT] = { "cpu_ns_per_event", "CPU per event", "ns", 1, 0, LOWER_IS_BETTER,
				   true,
				   "on-CPU time of all the subject's threads while it worked through "
				   "the bulk of the plan, / events" },
	[METRIC_RSS] = { "rss_bytes", "RSS", "MB", 1e-6, 2, LOWER_IS_BETTER, true,
			 "resident set when everything was done and the points were in the "
			 "database, /proc/PID/smaps_rollup" },
	[METRIC_PSS] = { "pss_bytes", "PSS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			 "resident set, shared pages divided by their users" },
	[METRIC_USS] = { "uss_bytes", "USS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			 "private pages: what ending the process would free" },
	[METRIC_PEAK_RSS] = { "peak_rss_bytes", "peak RSS", "MB", 1e-6, 2, LOWER_IS_BETTER, false,
			      "VmHWM" },
	[METRIC_READY] = { "ready_ms", "exec to ready", "ms", 1, 2, LOWER_IS_BETTER, false,
			   "from exec to READY=1 (or to the subscription, where a subject does "
			   "not notify)" },
	[METRIC_FIRST_FEATURE] = { "first_feature_ms", "exec to first features", "ms", 1, 2,
				   LOWER_IS_BETTER, true,
				   "exec to ready, and from the first event sent to the first correct "
				   "feature message received; events come at 5,000 a second, and features "
				   "need 10 (keystroke), 50 (mouse) or 2 (app) of them" },
	[METRIC_EXEC_CPU] = { "exec_cpu_ms", "CPU until ready", "ms", 1, 2, LOWER_IS_BETTER, true,
			      "on-CPU time from exec until it waits for events" },
	[METRIC_EXTRACT_FEATURES] = { "feature_messages", "feature messages", "", 1, 0,
				      NEITHER_IS_BETTER, false,
				      "published by the subject in the run" },
	[METRIC_SWITCHES_PER_1000] = { "switches_per_1000_events", "switches per 1,000 events", "",
				       1, 2, LOWER_IS_BETTER, false,
				       "voluntary and involuntary context switches" },
};

int metric_find(const char *key)
{
	for (int i = 0; i < METRICS; i++)
		if (!strcmp(metrics[i].key, key))
			return i;
	return -1;
}
