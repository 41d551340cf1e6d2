/* The null distribution of the rank-sum statistic; see rank_sum.h. */
#include "harness/stats/rank_sum.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "extractors/base/compiler.h"
#include "extractors/base/mem.h"
#include "harness/stats/normal.h"

static void swap_sizes(size_t *m, size_t *n)
{
	size_t t = *m;

	*m = *n;
	*n = t;
}

/*
 * P(U = u) for u = 0 ... u_max; the caller frees.  The i-th factor of the Gaussian binomial is
 * (1 - q^(n + i)) / (1 - q^i), whose value at q = 1 is (n + i) / i: divided by that, what there is
 * after each step is the distribution for i values against n.  Up to the middle its
 * terms ascend, so what the subtraction rounds away stays small beside them.
 */
static double *rank_sum_mass(size_t m, size_t n, size_t u_max)
{
	double *p = mem_calloc(u_max + 1, sizeof(*p));

	p[0] = 1;
	for (size_t i = 1; i <= m; i++) {
		for (size_t u = u_max; u >= n + i; u--)
			p[u] -= p[u - n - i];
		for (size_t u = i; u <= u_max; u++)
			p[u] += p[u - i];
		for (size_t u = 0; u <= u_max; u++)
			p[u] *= (double)i / (double)(n + i);
	}
	return p;
}

static bool is_cheap(size_t m, size_t n)
{
	return (double)m * (double)m * (double)n <= RANK_SUM_EXACT_MAX;
}

/* Mean m n / 2, variance m n (m + n + 1) / 12, and the fourth cumulant. */
static double rank_sum_cdf_large(double m, double n, double u)
{
	double variance = m * n * (m + n + 1) / 12;
	double fourth = -m * n * (m + n + 1) * (m * m + n * n + m * n + m + n) / 120;
	double z = (u + 0.5 - m * n / 2) / sqrt(variance);
	double density = exp(-z * z / 2) / sqrt(2 * M_PI);

	return normal_tail(-z) -
	       density * fourth / (variance * variance) / 24 * (z * z * z - 3 * z);
}

double rank_sum_cdf(size_t m, size_t n, size_t u)
{
	double sum = 0, *p;

	if (m > n)
		swap_sizes(&m, &n);
	if (u >= m * n)
		return 1;
	if (!is_cheap(m, n))
		return fmin(1, fmax(0, rank_sum_cdf_large((double)m, (double)n, (double)u)));
	if (u >= m * n - u) /* above the middle by the mirror image: there terms descend */
		return 1 - rank_sum_cdf(m, n, m * n - u - 1);
	p = rank_sum_mass(m, n, u);
	for (size_t k = 0; k <= u; k++)
		sum += p[k];
	free(p);
	return fmin(1, sum);
}

/* A level such as 1 - 2 * tail, given back, must cut at the same place: forgive its rounding. */
static double forgiving(double tail)
{
	return tail * (1 + 1e-9);
}

static size_t cut_exact(size_t m, size_t n, double tail)
{
	size_t half = m * n / 2, c = 0;
	double *p = rank_sum_mass(m, n, half), sum = 0;

	while (c <= half && (sum += p[c]) <= forgiving(tail))
		c++;
	free(p);
	return c;
}

static size_t cut_large(size_t m, size_t n, double tail)
{
	size_t low = 0, high = m * n / 2 + 1; /* cdf(low - 1) <= tail < cdf(high - 1) */

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (rank_sum_cdf_large((double)m, (double)n, (double)(mid - 1)) <= forgiving(tail))
			low = mid;
		else
			high = mid;
	}
	return low;
}

size_t rank_sum_cut(size_t m, size_t n, double tail)
{
	BUG_ON(!(tail >= 0 && tail < 0.5));
	if (m > n)
		swap_sizes(&m, &n);
	if (!m)
		return 0;
	return is_cheap(m, n) ? cut_exact(m, n, tail) : cut_large(m, n, tail);
}
