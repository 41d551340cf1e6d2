/*
 * The curve of a histogram by percentile, for drawing.
 *
 * Along 1 / (1 - q), as HdrHistogram's plotter has it: how many samples there are to one
 * that took longer.  It ends at the highest quantile that so many samples have an
 * interval for (stats/order.h); the largest ones are in the tables.
 * Pure.  Ownership: percentile_curve_build() allocates, percentile_curve_release() frees.
 */
#ifndef REPORT_PERCENTILES_H
#define REPORT_PERCENTILES_H

#include "harness/loadgen/hist.h"

/* Up to this place (from the point before it on) no more than one in `one_in` took longer than `us`. */
struct percentile_point {
	double one_in, us;
};

struct percentile_curve {
	size_t n; /* 0: no sample */
	struct percentile_point *v;
};

void percentile_curve_build(struct percentile_curve *curve, const struct hist *h, double level);
void percentile_curve_release(struct percentile_curve *curve);

#endif
