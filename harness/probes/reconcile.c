/* eBPF against procfs; see reconcile.h. */
#include "harness/probes/reconcile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const reconcile_names[RECONCILE_ROWS] = {
	[RECONCILE_CPU] = "CPU time",
	[RECONCILE_SCHED_CPU] = "CPU time by schedstat",
	[RECONCILE_WAIT] = "run-queue wait",
	[RECONCILE_CPU_AND_WAIT] = "CPU time and wait together",
	[RECONCILE_VOLUNTARY] = "voluntary switches",
	[RECONCILE_INVOLUNTARY] = "involuntary switches",
	[RECONCILE_FAULTS] = "page faults",
};

/* Each side is a sum of metrics. */
static const struct {
	uint64_t procfs, ebpf;
	bool judged; /* it is a time, with the goal of CPU time */
} table[RECONCILE_ROWS] = {
	[RECONCILE_CPU] = { PROBE_BIT(PROBE_CPU_NS), PROBE_BIT(PROBE_EBPF_CPU_NS), true },
	[RECONCILE_SCHED_CPU] = { PROBE_BIT(PROBE_SCHED_CPU_NS), PROBE_BIT(PROBE_EBPF_CPU_NS),
				  true },
	[RECONCILE_WAIT] = { PROBE_BIT(PROBE_RUNQ_WAIT_NS), PROBE_BIT(PROBE_EBPF_RUNQ_WAIT_NS),
			     false },
	[RECONCILE_CPU_AND_WAIT] = { PROBE_BIT(PROBE_SCHED_CPU_NS) | PROBE_BIT(PROBE_RUNQ_WAIT_NS),
				     PROBE_BIT(PROBE_EBPF_CPU_NS) |
					     PROBE_BIT(PROBE_EBPF_RUNQ_WAIT_NS),
				     true },
	[RECONCILE_VOLUNTARY] = { PROBE_BIT(PROBE_VOL_SWITCHES), PROBE_BIT(PROBE_EBPF_VOL_SWITCHES),
				  false },
	[RECONCILE_INVOLUNTARY] = { PROBE_BIT(PROBE_INVOL_SWITCHES),
				    PROBE_BIT(PROBE_EBPF_INVOL_SWITCHES), false },
	[RECONCILE_FAULTS] = { PROBE_BIT(PROBE_MINOR_FAULTS) | PROBE_BIT(PROBE_MAJOR_FAULTS),
			       PROBE_BIT(PROBE_EBPF_FAULTS), false },
};

/* The sum of several counters' growth; false with the reason when one of them has no value. */
static bool sum(const struct probe_sample *from, const struct probe_sample *to, uint64_t metrics,
		int64_t *out, char why[PROBE_REASON_MAX])
{
	*out = 0;
	for (enum probe_metric m = 0; m < PROBE_METRICS; m++) {
		int64_t delta;

		if (!(metrics & PROBE_BIT(m)))
			continue;
		if (!probe_delta(from, to, m, &delta)) {
			memcpy(why, to->reason[m][0] ? to->reason[m] : from->reason[m],
			       PROBE_REASON_MAX);
			return false;
		}
		*out += delta;
	}
	return true;
}

static bool is_within(const struct reconcile_row *row, double seconds)
{
	double by_share = RECONCILE_GOAL_FRAC * (double)row->procfs;
	double by_time = RECONCILE_GOAL_NS_PER_10S * seconds / 10;

	return fabs((double)row->residual) <= fmax(by_share, by_time);
}

void reconcile(const struct probe_sample *from, const struct probe_sample *to,
	       struct reconcile *out)
{
	memset(out, 0, sizeof(*out));
	out->seconds = (double)(to->at_ns - from->at_ns) / 1e9;
	for (int i = 0; i < RECONCILE_ROWS; i++) {
		struct reconcile_row *row = &out->rows[i];

		row->residual_pct = NAN;
		row->there = sum(from, to, table[i].procfs, &row->procfs, row->why) &&
			     sum(from, to, table[i].ebpf, &row->ebpf, row->why);
		if (!row->there)
			continue;
		row->residual = row->ebpf - row->procfs;
		if (row->procfs)
			row->residual_pct = 100.0 * (double)row->residual / (double)row->procfs;
		row->judged = table[i].judged;
		row->within = row->judged && is_within(row, out->seconds);
	}
}
