/* Curves by percentile; see percentiles.h. */
#include "harness/report/percentiles.h"

#include <math.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/stats/order.h"

#define STEP_LEAST 1.005 /* of 330 px for three decades: a quarter of one */

static void add(struct percentile_curve *curve, double one_in, double us)
{
	curve->v = mem_realloc(curve->v, curve->n + 1, sizeof(*curve->v));
	curve->v[curve->n++] = (struct percentile_point){ one_in, us };
}

static double us_of(const struct hist *h, const struct hist_bucket *b)
{
	return (double)(b->highest_ns == HIST_ABOVE ? hist_max(h) : b->highest_ns) / 1e3;
}

void percentile_curve_build(struct percentile_curve *curve, const struct hist *h, double level)
{
	double n = (double)hist_count(h);
	double end = 1 / (1 - stats_quantile_highest(hist_count(h), level)), one_in = 1;
	uint64_t below = 0;
	struct hist_bucket b;

	*curve = (struct percentile_curve){ 0 };
	for (size_t it = 0; one_in < end && hist_next(h, &it, &b);) {
		if (!curve->n)
			add(curve, 1, us_of(h, &b));
		below += b.count;
		one_in = (double)below < n ? fmin(n / (n - (double)below), end) : end;
		if (one_in >= end || one_in >= curve->v[curve->n - 1].one_in * STEP_LEAST)
			add(curve, one_in, us_of(h, &b));
	}
}

void percentile_curve_release(struct percentile_curve *curve)
{
	free(curve->v);
	*curve = (struct percentile_curve){ 0 };
}
