/*
 * The slope of a series over time, with an interval that lasts when the noise has a memory.
 *
 * Least squares, and the moving-block bootstrap of its residuals (Künsch 1989, "The
 * jackknife and the bootstrap for general stationary observations", Annals of
 * Statistics 17): blocks of neighbours keep what ties them together.
 * Pure; the seed is an argument.
 */
#ifndef STATS_SLOPE_H
#define STATS_SLOPE_H

#include "harness/stats/estimate.h"

/* dy/dx of n points in order of x.  Fewer than STATS_SLOPE_MIN, or all at one x: no value. */
#define STATS_SLOPE_MIN 8
struct estimate stats_estimate_slope(const double *x, const double *y, size_t n, double level,
				     uint64_t seed);

#endif
