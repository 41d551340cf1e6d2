/*
 * What a number of pairs can show: the smallest ratio they would find, the pairs that a ratio needs.
 *
 * The estimate of n pairs errs by spread / sqrt(n), where spread is how far one pair
 * errs; the A/A of a session tells it: its se times sqrt(n) (estimate.h).  Measured in that unit
 * an effect is found when it is beyond Student's t at the level that the signed-rank test
 * of n pairs really attains, so the power is that of the non-central t distribution (Noether,
 * "Sample size determination for some common nonparametric tests", J. Am.
 * Statist. Assoc. 82, 1987, with t for the normal distribution as pairs are few), and it must be
 * beyond what A/A explains (verdict.h).  Against simulated sessions of 6 ... 100
 * pairs of normal noise it is right within 0.04 (test_power.c).
 * Pure.
 */
#ifndef STATS_POWER_H
#define STATS_POWER_H

#include <stddef.h>

#include "harness/stats/estimate.h"

struct power_setup {
	double spread; /* of the log ratio of one pair; > 0 */
	double level;  /* of the interval: 0.95 */
	double noise;  /* |log ratio| that A/A explains; 0: not asked for */
};

/* The spread of one pair from an estimate of several, e.g. A/A; NaN when n < 2. */
double power_spread(const struct estimate *est);

/* The chance that n pairs find a true ratio to be what it is: higher (> 1) or lower (< 1). */
double power_of(const struct power_setup *s, size_t n, double ratio);

/* The smallest ratio above 1 that n pairs find with this chance; NaN when n is too few for the level. */
double power_smallest_ratio(const struct power_setup *s, size_t n, double power);

/* The fewest pairs that find the ratio with this chance; 0 when n_max do not. */
size_t power_pairs(const struct power_setup *s, double ratio, double power, size_t n_max);

#endif
