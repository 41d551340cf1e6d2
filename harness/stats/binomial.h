/*
 * How sure a count of k in n is: the exact interval of Clopper and Pearson (1934, "The
 * use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26).  Its coverage is at least the level, for every true share.
 * Pure.
 */
#ifndef STATS_BINOMIAL_H
#define STATS_BINOMIAL_H

#include <stddef.h>

/* The share behind k of n; n = 0: from 0 to 1. */
void stats_binomial_interval(size_t k, size_t n, double level, double *low, double *high);

#endif
