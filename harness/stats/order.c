/* Ranks around a quantile; see order.h. */
#include "harness/stats/order.h"

#include <math.h>

/* ln of P(X = k), X binomial (n, q), 0 < q < 1. */
static double log_point(double n, double q, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(q) + (n - k) * log1p(-q);
}

uint64_t stats_quantile_needs(double q, double level)
{
	return (uint64_t)ceil(log((1 - level) / 2) / log(fmax(q, 1 - q)));
}

double stats_quantile_highest(uint64_t n, double level)
{
	return n ? pow((1 - level) / 2, 1 / (double)n) : 0;
}

/*
 * low: the largest rank l with P(X <= l - 1) within the tail; high: the smallest
 * rank u with P(X >= u) within it.  Each walks in from its end.
 */
bool stats_quantile_ranks(uint64_t n, double q, double level, uint64_t *low, uint64_t *high)
{
	double tail = (1 - level) / 2, sum = 0, N = (double)n;
	uint64_t l = 0, u = n + 1;

	while (l < n && (sum += exp(log_point(N, q, (double)l))) <= tail)
		l++;
	sum = 0;
	while (u > 1 && (sum += exp(log_point(N, q, (double)(u - 1)))) <= tail)
		u--;
	*low = l;
	*high = u;
	return n > 0 && l >= 1 && u <= n;
}
