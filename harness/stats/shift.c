/*
 * Differences of two samples; see shift.h.
 *
 * There are m n of them, too many to make for samples of 100,000; how many lie at or below
 * a bound is counted in m + n steps, as every row of sorted differences ascends.
 */
#include "harness/stats/shift.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/stats/quantile.h"
#include "harness/stats/rank_sum.h"
#include "harness/stats/student.h"

/* Both ascend. */
struct samples {
	const double *a, *b;
	size_t m, n;
};

/* How many differences are not above x: the larger a[i], the more of b. */
static size_t count_to(const struct samples *s, double x)
{
	size_t count = 0, j = 0;

	for (size_t i = 0; i < s->m; i++) {
		while (j < s->n && s->b[j] - s->a[i] <= x)
			j++;
		count += j;
	}
	return count;
}

/*
 * The k-th smallest difference, k from 0: the smallest number with more than k
 * differences up to it, by halving until no number is left between the bounds.
 */
static double select_difference(const struct samples *s, size_t k)
{
	double low = nextafter(s->b[0] - s->a[s->m - 1], -INFINITY);
	double high = s->b[s->n - 1] - s->a[0];

	for (;;) {
		double mid = low + (high - low) / 2;

		if (!(mid > low && mid < high))
			return high;
		if (count_to(s, mid) > k)
			high = mid;
		else
			low = mid;
	}
}

static double median_difference(const struct samples *s)
{
	size_t total = s->m * s->n;
	double upper = select_difference(s, total / 2);

	return total % 2 ? upper : (select_difference(s, total / 2 - 1) + upper) / 2;
}

/* 1 - 2 / C(m + n, m): how often the range of the differences holds the truth. */
static double range_level(size_t m, size_t n)
{
	double choices = 1;

	for (size_t i = 1; i <= m; i++)
		choices *= (double)(n + i) / (double)i;
	return 1 - 2 / choices;
}

static double mean_of(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* The square of the mean's standard error. */
static double error_of(const double *v, size_t n)
{
	double spread = stats_spread(v, n);

	return spread * spread / (double)(n - 1);
}

/* By what Welch's interval admits, too; false: nothing varies, so it has none. */
static bool widen_by_welch(struct estimate *est, const struct samples *s)
{
	double a = error_of(s->a, s->m), b = error_of(s->b, s->n), middle, half, df;

	if (!(a + b > 0) || !(est->level < 1))
		return false;
	df = (a + b) * (a + b) / (a * a / (double)(s->m - 1) + b * b / (double)(s->n - 1));
	middle = mean_of(s->b, s->n) - mean_of(s->a, s->m);
	half = sqrt(a + b) * student_upper(df, (1 - est->level) / 2);
	est->low = fmin(est->low, middle - half);
	est->high = fmax(est->high, middle + half);
	return true;
}

static void add_interval(struct estimate *est, const struct samples *s)
{
	size_t total = s->m * s->n;
	size_t cut = est->level < 1 ? rank_sum_cut(s->m, s->n, (1 - est->level) / 2) : 0;
	bool ranks = cut > 0, welch;

	cut = ranks ? cut : 1;
	est->low = select_difference(s, cut - 1);
	est->high = select_difference(s, total - cut);
	welch = widen_by_welch(est, s);
	est->method = ranks ? STATS_RANK_SUM : welch ? STATS_WELCH : STATS_RANGE;
	if (est->method == STATS_RANGE)
		est->level = range_level(s->m, s->n);
}

static double *sorted(const double *v, size_t n)
{
	double *copy = mem_calloc(n, sizeof(*copy));

	memcpy(copy, v, n * sizeof(*copy));
	stats_sort(copy, n);
	return copy;
}

struct estimate stats_estimate_shift(const double *a, size_t m, const double *b, size_t n,
				     double level)
{
	struct estimate est = {
		.n = m < n ? m : n, .value = NAN, .low = NAN, .high = NAN, .se = NAN, .level = level
	};
	double *ascending_a, *ascending_b;
	struct samples s;

	if (!est.n)
		return est;
	ascending_a = sorted(a, m);
	ascending_b = sorted(b, n);
	s = (struct samples){ ascending_a, ascending_b, m, n };
	est.value = median_difference(&s);
	if (est.n >= 2)
		add_interval(&est, &s);
	free(ascending_a);
	free(ascending_b);
	return est;
}

static double *logs(const double *v, size_t n)
{
	double *l = mem_calloc(n + 1, sizeof(*l));

	for (size_t i = 0; i < n; i++)
		l[i] = log(v[i]);
	return l;
}

struct estimate stats_estimate_unpaired_ratio(const double *a, size_t m, const double *b, size_t n,
					      double level)
{
	double *log_a = logs(a, m), *log_b = logs(b, n);
	struct estimate est = stats_exponential(stats_estimate_shift(log_a, m, log_b, n, level));

	free(log_a);
	free(log_b);
	return est;
}

struct estimate stats_quotient(const struct estimate *a, const struct estimate *b)
{
	struct estimate est = {
		.n = a->n < b->n ? a->n : b->n, .value = NAN, .low = NAN, .high = NAN, .se = NAN
	};

	if (!est.n)
		return est;
	est.value = b->value / a->value;
	if (est.n < 2)
		return est;
	est.low = b->low / a->high;
	est.high = b->high / a->low;
	est.level = fmax(0, a->level + b->level - 1);
	est.method = STATS_BOTH_INTERVALS;
	return est;
}
