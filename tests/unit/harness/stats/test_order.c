/* Order-statistic intervals: tables, hand counts, and how often they hold the truth. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/stats/order.h"

/* Ranks from scipy.stats.binom: low = largest l with cdf(l - 1) <= 0.025, high = smallest u with sf(u - 1) <= 0.025. */
static void ranks_are_those_of_the_binomial_distribution(void **state UNUSED)
{
	static const struct {
		uint64_t n;
		double q;
		uint64_t low, high;
	} rows[] = {
		{ 6, 0.5, 1, 6 },
		{ 20, 0.5, 6, 15 },
		{ 100, 0.5, 40, 61 },
		{ 36, 0.9, 29, 36 },
		{ 100, 0.9, 84, 96 },
		{ 368, 0.99, 360, 368 },
		{ 500, 0.99, 490, 500 },
		{ 2000, 0.99, 1971, 1989 },
		{ 3688, 0.999, 3680, 3688 },
		{ 100000, 0.999, 99880, 99920 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t low, high;

		assert_true(stats_quantile_ranks(rows[i].n, rows[i].q, 0.95, &low, &high));
		assert_int_equal(low, rows[i].low);
		assert_int_equal(high, rows[i].high);
	}
}

static void too_few_values_have_no_interval_and_one_more_has(void **state UNUSED)
{
	static const struct {
		double q;
		uint64_t needs;
	} rows[] = { { 0.5, 6 }, { 0.9, 36 }, { 0.99, 368 }, { 0.999, 3688 }, { 0.1, 36 } };
	uint64_t low, high;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(stats_quantile_needs(rows[i].q, 0.95), rows[i].needs);
		assert_true(stats_quantile_ranks(rows[i].needs, rows[i].q, 0.95, &low, &high));
		assert_true(low >= 1 && high <= rows[i].needs);
		assert_false(stats_quantile_ranks(rows[i].needs - 1, rows[i].q, 0.95, &low, &high));
	}
	assert_false(stats_quantile_ranks(0, 0.5, 0.95, &low, &high));
}

/* As many as p50, p90, p99 need reach just that; one fewer do not. */
static void
the_highest_quantile_is_the_one_that_so_many_values_have_an_interval_for(void **state UNUSED)
{
	static const double q[] = { 0.5, 0.9, 0.99, 0.999 };

	for (size_t i = 0; i < ARRAY_SIZE(q); i++) {
		uint64_t needs = stats_quantile_needs(q[i], 0.95);

		assert_true(stats_quantile_highest(needs, 0.95) >= q[i]);
		assert_true(stats_quantile_highest(needs - 1, 0.95) < q[i]);
	}
	assert_true(fabs(stats_quantile_highest(500, 0.95) - 0.992649) < 1e-6);
	assert_true(stats_quantile_highest(0, 0.95) == 0);
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Uniform values: the q-quantile is q.  4,000 samples; the binomial error of 0.95 is 0.0034. */
static void intervals_hold_the_quantile_as_often_as_they_say(void **state UNUSED)
{
	static const struct {
		size_t n;
		double q;
	} rows[] = { { 40, 0.5 }, { 60, 0.9 }, { 500, 0.99 } };
	double v[500];
	struct rng rng;

	rng_init(&rng, 1, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t low, high;
		int held = 0;

		assert_true(stats_quantile_ranks(rows[i].n, rows[i].q, 0.95, &low, &high));
		for (int k = 0; k < 4000; k++) {
			for (size_t j = 0; j < rows[i].n; j++)
				v[j] = rng_unit(&rng);
			qsort(v, rows[i].n, sizeof(*v), ascending);
			held += v[low - 1] <= rows[i].q && rows[i].q <= v[high - 1];
		}
		assert_true(held >= 4000 * (0.95 - 4 * 0.0034)); /* discrete: it may be more */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks_are_those_of_the_binomial_distribution),
		cmocka_unit_test(too_few_values_have_no_interval_and_one_more_has),
		cmocka_unit_test(
			the_highest_quantile_is_the_one_that_so_many_values_have_an_interval_for),
		cmocka_unit_test(intervals_hold_the_quantile_as_often_as_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
