/*
 * Order statistics without sorting.
 *
 * numpy's default quantile: linear interpolation at index q * (n - 1) of the
 * sorted values.  The values must be positive or +0 and finite.
 * Ownership: the struct is the caller's; scratch_release() its room.
 */
#ifndef FEATURE_SELECT_H
#define FEATURE_SELECT_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/feature/scratch.h"

#define SELECT_BITS    10
#define SELECT_BUCKETS (1U << SELECT_BITS)

/* Zeroed is ready to use. */
struct select {
	struct scratch room;
	uint32_t first[SELECT_BUCKETS]; /* by the first digit, shared by all ranks */
	uint32_t count[SELECT_BUCKETS]; /* by a later one */
};

struct select_extremes {
	double min, max;
};

/* Smallest and largest of v[n], n >= 1. */
struct select_extremes select_extremes(const double *v, size_t n);

/*
 * out[i] = quantile q[i] of the n smallest of v[n_all], 1 <= n <= n_all < 2^32.
 * That is all of them when n == n_all; n < n_all serves a series whose largest
 * values do not count.
 */
void select_quantiles(struct select *s, const double *v, size_t n_all, size_t n, const double *q,
		      double *out, size_t n_q);

#endif
