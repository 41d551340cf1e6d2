/*
 * How much a real-time thread may run before the kernel throttles it.
 *
 * SCHED_FIFO threads together get sched_rt_runtime_us of every sched_rt_period_us
 * (kernel documentation, scheduler/sched-rt-group.rst); who takes more is stopped for the rest of
 * the period: 50 ms by default.  A token bucket keeps the pacer below: busy time
 * takes tokens, time brings RT_SHARE of the allowed share, so that in any second
 * at most RT_SHARE * share + RT_BURST_NS are used.  Below the limit by a good
 * part because in a VM the throttle was seen from 80 % of a core on, not 95 %.
 * Units: ns.  Pure but for rt_budget_open(), which reads /proc.  Threads: one.
 */
#ifndef LOADGEN_RT_BUDGET_H
#define LOADGEN_RT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define RT_SHARE    0.65
#define RT_BURST_NS 20000000

struct rt_budget {
	double share;	 /* of a core that may be used; 1: no limit */
	double left_ns;	 /* tokens; negative: it was overdrawn */
	int64_t seen_ns; /* up to when tokens were given */
};

/* From the kernel's two settings; a runtime of -1 is no limit, unreadable ones count as the default. */
void rt_budget_open(struct rt_budget *b, int64_t now_ns);
void rt_budget_init(struct rt_budget *b, int64_t runtime_us, int64_t period_us, int64_t now_ns);
/* `busy_ns` of CPU time were used up to now. */
void rt_budget_spend(struct rt_budget *b, int64_t now_ns, int64_t busy_ns);
/* May the thread go on spinning for so long? */
bool rt_budget_allows(const struct rt_budget *b, int64_t spin_ns);

#endif
