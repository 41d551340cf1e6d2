/*
 * The normal distribution: tails by libm's erfc, quantiles by bisection of it.  Pure.
 */
#ifndef STATS_NORMAL_H
#define STATS_NORMAL_H

/* P(Z > z) */
double normal_tail(double z);
/* The z with P(Z > z) = p, 0 < p < 1. */
double normal_upper(double p);

#endif
