/* Null distributions of the signed-rank and the sign statistic; see signed_rank.h. */
#include "harness/stats/signed_rank.h"

#include <math.h>
#include <stdlib.h>

#include "extractors/base/compiler.h"
#include "extractors/base/mem.h"
#include "harness/stats/normal.h"

/* P(W+ = w) for w = 0 ... w_max; the caller frees. */
static double *signed_rank_mass(size_t n, size_t w_max)
{
	double *p = mem_calloc(w_max + 1, sizeof(*p));
	size_t top = 0;

	p[0] = 1;
	for (size_t rank = 1; rank <= n; rank++) {
		top = top + rank < w_max ? top + rank : w_max;
		for (size_t w = top + 1; w-- > rank;)
			p[w] = (p[w] + p[w - rank]) / 2;
		for (size_t w = 0; w < rank && w <= w_max; w++)
			p[w] /= 2;
	}
	return p;
}

/*
 * W+ is a sum of independent i * (0 or 1): mean n (n + 1) / 4, variance
 * sum i^2 / 4, fourth cumulant -sum i^4 / 8.
 */
static double signed_rank_cdf_large(double n, double w)
{
	double variance = n * (n + 1) * (2 * n + 1) / 24;
	double fourth = -n * (n + 1) * (2 * n + 1) * (3 * n * n + 3 * n - 1) / 240;
	double z = (w + 0.5 - n * (n + 1) / 4) / sqrt(variance);
	double density = exp(-z * z / 2) / sqrt(2 * M_PI);

	return normal_tail(-z) -
	       density * fourth / (variance * variance) / 24 * (z * z * z - 3 * z);
}

double signed_rank_cdf(size_t n, size_t w)
{
	double sum = 0, *p;

	if (w >= n * (n + 1) / 2)
		return 1;
	if (n > SIGNED_RANK_EXACT_MAX)
		return fmin(1, fmax(0, signed_rank_cdf_large((double)n, (double)w)));
	p = signed_rank_mass(n, w);
	for (size_t k = 0; k <= w; k++)
		sum += p[k];
	free(p);
	return fmin(1, sum);
}

/* A level such as 1 - 2 * tail, given back, must cut at the same place: forgive its rounding. */
static double forgiving(double tail)
{
	return tail * (1 + 1e-9);
}

static size_t cut_of_mass(const double *p, size_t n, double tail)
{
	double sum = 0;
	size_t c = 0;

	for (; c < n && (sum += p[c]) <= forgiving(tail); c++)
		;
	return c;
}

static size_t signed_rank_cut_large(size_t n, double tail)
{
	size_t low = 0, high = n * (n + 1) / 4 + 1; /* cdf(low - 1) <= tail < cdf(high - 1) */

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (signed_rank_cdf(n, mid - 1) <= forgiving(tail))
			low = mid;
		else
			high = mid;
	}
	return low;
}

size_t signed_rank_cut(size_t n, double tail)
{
	size_t half = n * (n + 1) / 4, c; /* beyond it more than 1/2 is below */
	double *p;

	BUG_ON(!(tail >= 0 && tail < 0.5));
	if (n > SIGNED_RANK_EXACT_MAX)
		return signed_rank_cut_large(n, tail);
	p = signed_rank_mass(n, half);
	c = cut_of_mass(p, half + 1, tail);
	free(p);
	return c;
}

static double log_factorial(size_t n)
{
	int sign; /* lgamma() writes it into a global */

	return lgamma_r((double)n + 1, &sign);
}

/* P(k heads of n fair coins) */
static double sign_mass(size_t n, size_t k)
{
	return exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) - (double)n * M_LN2);
}

double sign_cdf(size_t n, size_t w)
{
	double sum = 0;

	if (w >= n)
		return 1;
	for (size_t k = 0; k <= w; k++)
		sum += sign_mass(n, k);
	return fmin(1, sum);
}

size_t sign_cut(size_t n, double tail)
{
	double sum = 0;
	size_t c = 0;

	BUG_ON(!(tail >= 0 && tail < 0.5));
	for (; c < n && (sum += sign_mass(n, c)) <= forgiving(tail); c++)
		;
	return c;
}
