/*
 * Order statistics of a sample.
 *
 * Quantiles by linear interpolation at q * (n - 1) of the sorted values: type 7
 * of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), which
 * is numpy's and R's default.  Pure; the caller's array is sorted in place where said.
 */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stddef.h>

void stats_sort(double *v, size_t n);
/* v is sorted, n > 0, 0 <= q <= 1. */
double stats_quantile_sorted(const double *v, size_t n, double q);
/* The k-th smallest, k from 0; reorders v. */
double stats_select(double *v, size_t n, size_t k);
/* Reorders v; n > 0. */
double stats_median(double *v, size_t n);
/* The standard deviation of v[n] as a whole population: by n, not n - 1. */
double stats_spread(const double *v, size_t n);

#endif
