/*
 * Mean, variance and friends of a series that comes in blocks.
 *
 * Each block is summed, then its squared deviations from its own mean are; two
 * blocks are joined by the formula of Chan, Golub and LeVeque (1979).  So a block can stay in
 * the first-level cache, and nothing is lost to cancellation.
 * Values at or beyond the limit in magnitude are left out.
 */
#ifndef FEATURE_MOMENTS_H
#define FEATURE_MOMENTS_H

#include <stddef.h>

/* Zeroed is empty; every statistic of no value is 0. */
struct moments {
	size_t n;
	double mean;
	double m2; /* sum of squared deviations from the mean */
	double sum_abs, max_abs;
};

/* The values of x[n] with |x| < limit; INFINITY takes every finite one. */
void moments_add_block(struct moments *m, const double *x, size_t n, double limit);

double moments_mean_abs(const struct moments *m);
/* Of the population: ddof 0. */
double moments_var(const struct moments *m);
double moments_std(const struct moments *m);

double moments_sum(const double *x, size_t n);
/* How many of x[n] are greater than `limit`. */
size_t moments_count_above(const double *x, size_t n, double limit);

#endif
