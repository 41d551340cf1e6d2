/* Sorted samples; see quantile.h. */
#include "harness/stats/quantile.h"

#include <math.h>
#include <stdlib.h>

#include "extractors/base/compiler.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void stats_sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
}

double stats_quantile_sorted(const double *v, size_t n, double q)
{
	double at, frac;
	size_t i;

	BUG_ON(n == 0 || q < 0 || q > 1);
	at = q * (double)(n - 1);
	i = (size_t)at;
	frac = at - floor(at);
	return frac > 0 ? v[i] + frac * (v[i + 1] - v[i]) : v[i];
}

static void swap(double *a, double *b)
{
	double t = *a;

	*a = *b;
	*b = t;
}

/*
 * Hoare's FIND (1961): afterwards v[k] is what sorting would put there, nothing
 * before it is larger and nothing behind it smaller.  The bootstrap takes
 * millions of medians, for which a full sort costs five times as much.
 */
static void select_kth(double *v, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double pivot = v[low + (high - low) / 2];
		size_t i = low, j = high;

		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&v[i++], &v[j--]);
		}
		if (v[j] > pivot) /* i met j on a value of the upper part */
			j--;
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
}

double stats_select(double *v, size_t n, size_t k)
{
	BUG_ON(k >= n);
	select_kth(v, n, k);
	return v[k];
}

double stats_median(double *v, size_t n)
{
	double below;

	BUG_ON(n == 0);
	select_kth(v, n, n / 2);
	if (n % 2)
		return v[n / 2];
	below = v[0];
	for (size_t i = 1; i < n / 2; i++)
		below = fmax(below, v[i]);
	return (below + v[n / 2]) / 2;
}

double stats_spread(const double *v, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return sqrt(sum / (double)n);
}
