/*
 * The null distribution of the rank-sum statistic of two samples (Wilcoxon 1945).
 *
 * In the form of Mann and Whitney ("On a test of whether one of two random variables is
 * stochastically larger than the other", Ann. Math. Statist. 18, 1947): U counts the pairs
 * of a value of each sample in which the second is smaller, 0 ... m n.  When both
 * samples are of one distribution, every choice of m of the m + n ranks is equally likely,
 * whatever that distribution, and the numbers of choices by U are the coefficients
 * of a Gaussian binomial (Andrews, "The Theory of Partitions", chapter 3), which are made one factor
 * after the other: exact while that is cheap.  Beyond it the normal distribution with
 * Edgeworth's kurtosis term (Fix and Hodges, "Significance probabilities of the
 * Wilcoxon test", Ann. Math. Statist. 26, 1955).
 * Pure.
 */
#ifndef STATS_RANK_SUM_H
#define STATS_RANK_SUM_H

#include <stddef.h>

/* Exact up to that many steps of the smaller size squared times the larger: 341 and 341, 10 and 400,000. */
#define RANK_SUM_EXACT_MAX 40000000.0

/* P(U <= u) for samples of m and n values. */
double rank_sum_cdf(size_t m, size_t n, size_t u);
/*
 * How many of the m n differences an interval leaves out at each end so that each
 * end errs with at most `tail` < 1/2: the largest c with P(U <= c - 1) <= tail; 0: none.
 * The interval is then from the c-th smallest to the c-th largest (shift.h).
 */
size_t rank_sum_cut(size_t m, size_t n, double tail);

#endif
