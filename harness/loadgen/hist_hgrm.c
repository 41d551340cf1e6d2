/* The percentile text of a histogram (".hgrm"); see hist.h. */
#include <math.h>

#include "harness/loadgen/hist_internal.h"

static void write_line(struct buf *out, int64_t value_ns, double unit_ns, double percent,
		       uint64_t below)
{
	double value = value_ns == HIST_ABOVE ? INFINITY : (double)value_ns / unit_ns;

	buf_printf(out, "%12.3f %12f %12llu %12.2f\n", value, percent / 100,
		   (unsigned long long)below, 1 / (1 - percent / 100));
}

/*
 * The reported percentages come five to a half distance, as HdrHistogram's
 * percentile iterator has them: steps of 10 up to the median, of 5 up to 75, of
 * 2.5 up to 87.5 and so on, each printed at the first bucket that reaches it.
 */
#define TICKS_PER_HALF 5

void hist_write_hgrm(const struct hist *h, double unit_ns, struct buf *out)
{
	double total = (double)hist_count(h), next = 0;
	int64_t highest = 0;
	uint64_t below = 0;
	struct hist_bucket b;

	buf_printf(out, "%12s %12s %12s %12s\n\n", "Value", "Percentile", "TotalCount",
		   "1/(1-Percentile)");
	for (size_t it = 0; hist_next(h, &it, &b);) {
		below += b.count;
		highest = b.highest_ns;
		while (next <= 100 * (double)below / total) {
			write_line(out, highest, unit_ns, next, below);
			if (below == hist_count(h))
				break;
			next += 100 / (TICKS_PER_HALF * exp2(floor(log2(100 / (100 - next))) + 1));
		}
	}
	if (below)
		write_line(out, highest, unit_ns, 100, below);
	buf_printf(out,
		   "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
		   "#[Max     = %12.3f, Total count    = %12llu]\n"
		   "#[Buckets = %12zu, SubBuckets     = %12d]\n",
		   below ? hist_mean(h) / unit_ns : 0.0, below ? hist_stddev(h) / unit_ns : 0.0,
		   below ? (double)h->seen_max / unit_ns : 0.0, (unsigned long long)hist_count(h),
		   ((h->n_counts - 1) >> h->half_bits) + (h->n_counts <= (size_t)1 << h->half_bits),
		   2 << h->half_bits);
}
