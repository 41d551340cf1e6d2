/*
 * Does it grow, and how fast: the slope of a long series, as of memory in a soak.
 *
 * Value: Theil and Sen's median of the slopes between all pairs of points (Sen,
 * "Estimates of the regression coefficient based on Kendall's tau", J. Am. Statist.
 * Assoc. 63, 1968).  Above SLOPE_POINTS_MAX points, of the medians of as many
 * stretches of neighbours.
 *
 * Interval: memory does not scatter independently around a line.  It has noise that
 * lasts for minutes, it stays where it is and then jumps by an arena, it grows once,
 * when a cache fills, and never again.  So the series is cut into SLOPE_STRETCHES
 * stretches, longer than the noise lasts, and what it grows by from the beginning of one
 * (the median of its first quarter) to that of the next is drawn again with replacement, as
 * long as the whole: percentiles of growth by time (the block bootstrap: Kunsch, "The
 * jackknife and the bootstrap for general stationary observations", Ann. Statist. 17,
 * 1989; of differences, as the growth and not the level is what repeats).  Noise of the medians
 * enters neighbouring growths with opposite signs, which drawing forgets: the
 * interval is wide rather than narrow.  One jump is absent from e^-1 of the draws, two from
 * e^-2, so that an interval at 99 % reaches down to 0 however large they are; a leak shows
 * in most stretches.
 *
 * 2 h at 1 Hz with 50 kB of noise, at 99 %, 500 series each: 1 MB/h is told from 0 in
 * all, with noise white or lasting 100 s (AR(1), 0.99), growing by 4 or 132 KB at once;
 * by 512 KB, 4 jumps, in 59 %.  No growth, and one jump of 5 MB: in none; two: in 1;
 * three: in 9 %.
 *
 * Fewer than SLOPE_STRETCHES_MIN stretches, or x that stand still: no interval (method
 * STATS_NONE, low and high NaN).
 * Pure: the seed is an argument.
 */
#ifndef STATS_SLOPE_H
#define STATS_SLOPE_H

#include "harness/stats/estimate.h"

#define SLOPE_POINTS_MAX    1000
#define SLOPE_STRETCHES	    24
#define SLOPE_STRETCHES_MIN 8 /* of 8 points */

/* In units of y by units of x; x ascends. n counts points; value is NaN when no x differs. */
struct estimate stats_estimate_slope(const double *x, const double *y, size_t n, double level,
				     uint64_t seed);

#endif
