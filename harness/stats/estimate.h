/*
 * An estimate with its interval and how it was come by.
 *
 * Location: the median with a percentile-bootstrap interval (Efron and
 * Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
 * Ratio of two sides by pairs: the Hodges-Lehmann estimate of the pairs' log
 * ratios (Hodges and Lehmann 1963: the median of all pairwise averages), its
 * interval by the same bootstrap over pairs.
 * A bootstrap interval lies within the sample's range, and the range of n values
 * covers the median with exactly 1 - 2^(1-n) (David and Nagaraja, "Order
 * Statistics", 7.1).  Where that is less than the wanted level no interval of the
 * sample can reach it: then the range is given, and `level` is what it is.
 * So 95 % needs 6 values (96.9 %) and 99 % needs 8 (99.2 %).
 * Pure: the seed is an argument, equal input gives equal output.
 */
#ifndef STATS_ESTIMATE_H
#define STATS_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_RESAMPLES 2000

enum stats_method { STATS_NONE, STATS_RANGE, STATS_BOOTSTRAP, STATS_METHODS };
extern const char *const stats_method_names[STATS_METHODS];

struct estimate {
	size_t n;
	double value, low, high; /* value is NaN when n = 0; low and high when n < 2 */
	double level;		 /* coverage of low ... high, e.g. 0.95 */
	enum stats_method method;
};

/* Median of v[n] at the wanted level. */
struct estimate stats_estimate_median(const double *v, size_t n, double level, uint64_t seed);

/* Hodges-Lehmann of d[n] at the wanted level. */
struct estimate stats_estimate_hl(const double *d, size_t n, double level, uint64_t seed);

/*
 * B/A from pairs: a[i] and b[i] > 0 belong together.  value, low and high are
 * ratios (the exponentials of the log scale).
 */
struct estimate stats_estimate_ratio(const double *a, const double *b, size_t n, double level,
				     uint64_t seed);

#endif
