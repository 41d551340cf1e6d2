/* The exact binomial interval; see binomial.h. */
#include "harness/stats/binomial.h"

#include <math.h>

/* P(X <= k) of n at share p, 0 < p < 1; terms by their logarithms. */
static double at_most(size_t k, size_t n, double p)
{
	double sum = 0;

	for (size_t i = 0; i <= k; i++)
		sum += exp(lgamma((double)n + 1) - lgamma((double)i + 1) -
			   lgamma((double)(n - i) + 1) + (double)i * log(p) +
			   (double)(n - i) * log1p(-p));
	return sum;
}

/* The p at which P(X <= k) is `tail`: it falls as p grows. */
static double share_at(size_t k, size_t n, double tail)
{
	double low = 0, high = 1;

	for (int i = 0; i < 60; i++) {
		double mid = (low + high) / 2;

		if (at_most(k, n, mid) > tail)
			low = mid;
		else
			high = mid;
	}
	return (low + high) / 2;
}

void stats_binomial_interval(size_t k, size_t n, double level, double *low, double *high)
{
	double tail = (1 - level) / 2;

	/* P(X >= k) = tail is P(X <= k - 1) = 1 - tail */
	*low = k ? share_at(k - 1, n, 1 - tail) : 0;
	*high = k < n ? share_at(k, n, tail) : 1;
}
