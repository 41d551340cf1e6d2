/*
 * Two samples that are not paired: by how much one lies above the other.
 *
 * The value is the median of all differences b[j] - a[i] (Hodges and Lehmann, "Estimates
 * of location based on rank tests", Ann. Math. Statist. 34, 1963).  The interval is that of
 * the rank-sum test (rank_sum.h): from the c-th smallest of those differences to the
 * c-th largest (Lehmann, "Nonparametrics: Statistical Methods Based on Ranks", 1975, 2.5;
 * Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 4.3).  It asks of
 * the noise that it is the same in both samples, but nothing of its shape, and holds at
 * any level, also at one so high that no bootstrap of some thousand draws could find its ends:
 * those who compare hundreds of figures at once need that.
 *
 * No interval made of differences goes beyond their range, which covers the truth with
 * 1 - 2 / C(m + n, m): 6 and 6 values reach 99.78 %, 8 and 8 reach 99.984 %.  Where that is less
 * than the wanted level the interval is the range or Welch's ("The generalization of 'Student's'
 * problem when several different population variances are involved", Biometrika 34, 1947),
 * whichever goes further: who wants to be surer than the values alone can make him must
 * assume something, here noise that is about normal (with tails that are heavier it errs less
 * often).  Where nothing varies even that says nothing: then it is the range, and `level` is
 * what it is.
 *
 * Where the noise differs between the samples the rank-sum interval's promise is not kept: how
 * far, tests/stats/stats_check.c shows (part `shifts`).
 *
 * Pure.  Equal values give equal output in whatever order they come; exchanging the samples
 * changes the sign alone (of ratios: gives the reciprocal).
 */
#ifndef STATS_SHIFT_H
#define STATS_SHIFT_H

#include "harness/stats/estimate.h"

/* Of b over a.  est.n is the smaller size; there is an interval from 2 on; se is NaN. */
struct estimate stats_estimate_shift(const double *a, size_t m, const double *b, size_t n,
				     double level);

/* B/A of values above 0: of their logarithms, as a ratio. */
struct estimate stats_estimate_unpaired_ratio(const double *a, size_t m, const double *b, size_t n,
					      double level);

/*
 * B/A of two ratios that were estimated independently, where the samples are not at hand:
 * from the lowest that both intervals admit to the highest.  Each errs in 1 - level, so
 * both hold with 1 less the sum of these (Bonferroni).  n is the smaller one.
 */
struct estimate stats_quotient(const struct estimate *a, const struct estimate *b);

#endif
