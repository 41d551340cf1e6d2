/*
 * The null distribution of Wilcoxon's signed-rank statistic W+, and of the sign test's.
 *
 * n values drawn symmetrically around 0, without ties: W+ is the sum of the ranks
 * of |v| that belong to positive values.  Every rank is in or out with 1/2, whatever the
 * distribution, so P(W+ = w) follows by adding one rank after the other (Wilcoxon 1945;
 * Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 3.1): exact up to
 * SIGNED_RANK_EXACT_MAX.  Above that the normal distribution with Edgeworth's
 * kurtosis term: at tails of 0.025 ... 5e-5 it cuts at most one average of some
 * hundred elsewhere (test_scipy.py).
 * Pure.
 */
#ifndef STATS_SIGNED_RANK_H
#define STATS_SIGNED_RANK_H

#include <stddef.h>

#define SIGNED_RANK_EXACT_MAX 200

/* P(W+ <= w). */
double signed_rank_cdf(size_t n, size_t w);
/*
 * How many Walsh averages an interval leaves out at each end so that each end errs
 * with at most `tail`: the largest c with P(W+ <= c - 1) <= tail; 0 when there is none.
 * The interval is then from the c-th smallest to the c-th largest (walsh.h).
 */
size_t signed_rank_cut(size_t n, double tail);

/* The same of the values themselves, for the median of any distribution: binomial, 1/2. */
double sign_cdf(size_t n, size_t w);
size_t sign_cut(size_t n, double tail);

#endif
