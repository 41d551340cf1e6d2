/*
 * The Walsh averages of a sample: (v[i] + v[j]) / 2 for all i <= j, n (n + 1) / 2 of them.
 *
 * Their median is the Hodges-Lehmann estimate (Hodges and Lehmann, "Estimates of
 * location based on rank tests", Ann. Math. Statist. 34, 1963), and their order
 * statistics are the ends of the intervals that the signed-rank test gives
 * (Tukey 1949; Hollander, Wolfe and Chicken, "Nonparametric Statistical Methods",
 * 3.1 to 3.3).  In sorted order the averages form rows that ascend, so any order
 * statistic is found without making them all (Johnson and Mizoguchi, "Selecting the
 * Kth element in X + Y", SIAM J. Comput. 7(2), 1978): the bootstrap takes thousands.
 * Pure; O(n) memory, about n log n steps.
 */
#ifndef STATS_WALSH_H
#define STATS_WALSH_H

#include <stddef.h>

struct walsh; /* room for samples of at most a given size */
struct walsh *walsh_new(size_t n_max);
void walsh_free(struct walsh *w);

/* The k-th smallest average, k from 0, of v[n], which ascends; n is not above n_max. */
double walsh_select(struct walsh *w, const double *v, size_t n, size_t k);
/* The median of the averages. */
double walsh_median(struct walsh *w, const double *v, size_t n);

static inline size_t walsh_count(size_t n)
{
	return n * (n + 1) / 2;
}

#endif
