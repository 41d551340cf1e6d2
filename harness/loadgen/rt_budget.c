/* The allowance of a real-time thread; see rt_budget.h. */
#include "harness/loadgen/rt_budget.h"

#include <stdio.h>

#define DEFAULT_RUNTIME_US 950000
#define DEFAULT_PERIOD_US  1000000

static int64_t read_setting(const char *path, int64_t otherwise)
{
	FILE *f = fopen(path, "re");
	long long v = otherwise;

	if (!f)
		return otherwise;
	if (fscanf(f, "%lld", &v) != 1)
		v = otherwise;
	fclose(f);
	return v;
}

void rt_budget_init(struct rt_budget *b, int64_t runtime_us, int64_t period_us, int64_t now_ns)
{
	bool limited = runtime_us >= 0 && period_us > 0 && runtime_us < period_us;

	*b = (struct rt_budget){
		.share = limited ? RT_SHARE * (double)runtime_us / (double)period_us : 1,
		.left_ns = RT_BURST_NS,
		.seen_ns = now_ns,
	};
}

void rt_budget_open(struct rt_budget *b, int64_t now_ns)
{
	rt_budget_init(b, read_setting("/proc/sys/kernel/sched_rt_runtime_us", DEFAULT_RUNTIME_US),
		       read_setting("/proc/sys/kernel/sched_rt_period_us", DEFAULT_PERIOD_US),
		       now_ns);
}

void rt_budget_spend(struct rt_budget *b, int64_t now_ns, int64_t busy_ns)
{
	b->left_ns += (double)(now_ns - b->seen_ns) * b->share - (double)busy_ns;
	if (b->left_ns > RT_BURST_NS)
		b->left_ns = RT_BURST_NS;
	b->seen_ns = now_ns;
}

bool rt_budget_allows(const struct rt_budget *b, int64_t spin_ns)
{
	return b->share >= 1 || b->left_ns >= (double)spin_ns;
}
