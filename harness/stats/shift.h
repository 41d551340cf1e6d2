/*
 * Two samples that are not paired: by how much one lies above the other.
 *
 * The value is the median of all differences b[j] - a[i] (Hodges and Lehmann, "Estimates
 * of location based on rank tests", Ann. Math. Statist. 34, 1963).  The interval is that of
 * the rank-sum test (rank_sum.h): from the c-th smallest of those differences to the
 * c-th largest (Lehmann, "Nonparametrics: Statistical Methods Based on Ranks", 1975, 2.5;
 * Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods", 4.3).  It holds at
 * any level, also at one so high that no bootstrap of some thousand draws could find its ends
 * (who compares hundreds of figures at once needs that), whatever the shape of the noise; but
 * it asks that the noise is the same in both samples.  So it is never narrower than Welch's
 * ("The generalization of 'Student's' problem when several different population variances are
 * involved", Biometrika 34, 1947), which asks that the noise is about normal (with longer tails
 * it errs less often), but not that it is the same.  Of 8 values with 4 times the noise of 40
 * others the rank-sum interval at 99.97 % alone missed the truth in 0.9 %.
 *
 * No interval made of ranks goes beyond the range of the differences, which covers the truth
 * with 1 - 2 / C(m + n, m): 6 and 6 values reach 99.78 %, 8 and 8 reach 99.984 %.  Where that is
 * less than the wanted level, Welch's and the range remain (STATS_WELCH).  Where nothing varies
 * Welch's says nothing either: then it is the range, and `level` is what it is.
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
