/* Clock and timers; see clock_check.h. */
#include "harness/clock_check.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/stats/quantile.h"

/* Median over batches: one in which we lost the CPU does not count. */
#define BATCHES 50
#define READS	1000 /* a batch */

/* Mean cost of a reading, ns. */
static double read_batch(struct clock_check *out)
{
	int64_t first_ns = clock_mono_ns(), last_ns = first_ns;

	for (int i = 0; i < READS; i++) {
		int64_t now_ns = clock_mono_ns(), step_ns = now_ns - last_ns;

		if (step_ns < 0)
			out->backwards++;
		else if (step_ns && (!out->step_ns || step_ns < out->step_ns))
			out->step_ns = step_ns;
		last_ns = now_ns;
	}
	return (double)(last_ns - first_ns) / READS;
}

void clock_check_read(struct clock_check *out)
{
	double cost_ns[BATCHES];

	memset(out, 0, sizeof(*out));
	out->n_reads = (size_t)BATCHES * READS;
	for (size_t i = 0; i < BATCHES; i++)
		cost_ns[i] = read_batch(out);
	out->cost_ns = stats_median(cost_ns, BATCHES);
}

void clock_check_wakeups(size_t n, int64_t interval_ns, struct wakeup_check *out)
{
	double *late_us;
	int64_t due_ns = clock_mono_ns();

	memset(out, 0, sizeof(*out));
	n = n < WAKEUP_CHECK_MAX ? n : WAKEUP_CHECK_MAX;
	if (!n)
		return;
	late_us = mem_calloc(n, sizeof(*late_us));
	for (size_t i = 0; i < n; i++) {
		int64_t now_ns = clock_mono_ns();

		/* A deadline that is past already would be no sleep. */
		due_ns = (due_ns > now_ns ? due_ns : now_ns) + interval_ns;
		clock_sleep_until_ns(due_ns);
		late_us[i] = (double)(clock_mono_ns() - due_ns) / 1e3;
	}
	stats_sort(late_us, n);
	out->n = n;
	out->p50_us = stats_quantile_sorted(late_us, n, 0.5);
	out->p99_us = stats_quantile_sorted(late_us, n, 0.99);
	out->max_us = late_us[n - 1];
	free(late_us);
}
