/* Null distributions against hand counts and printed tables; Walsh averages against sorting. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"
#include "harness/stats/signed_rank.h"
#include "harness/stats/walsh.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void three_ranks_have_eight_outcomes(void **state UNUSED)
{
	/* sums of the subsets of {1, 2, 3}: 0 1 2 3 3 4 5 6 */
	static const double below[] = { 1, 2, 3, 5, 6, 7, 8, 8 };

	for (size_t w = 0; w < ARRAY_SIZE(below); w++)
		NEAR(signed_rank_cdf(3, w), below[w] / 8);
}

static void critical_values_are_those_of_the_printed_tables(void **state UNUSED)
{
	/*
	 * Two-sided 5 % and 1 %, e.g. Siegel, "Nonparametric Statistics", table G: the
	 * largest rank sum that is significant.  One more averages are cut; -1: none is.
	 */
	static const struct {
		size_t n;
		int at_5_pct, at_1_pct;
	} rows[] = { { 5, -1, -1 },  { 6, 0, -1 },   { 7, 2, -1 },    { 8, 3, 0 },
		     { 9, 5, 1 },    { 10, 8, 3 },   { 12, 13, 7 },   { 15, 25, 15 },
		     { 20, 52, 37 }, { 25, 89, 68 }, { 30, 137, 109 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal((int)signed_rank_cut(rows[i].n, 0.025) - 1, rows[i].at_5_pct);
		assert_int_equal((int)signed_rank_cut(rows[i].n, 0.005) - 1, rows[i].at_1_pct);
	}
}

static void a_level_that_the_distribution_attains_is_attained(void **state UNUSED)
{
	for (size_t n = 4; n < 30; n++)
		for (size_t w = n; w < 2 * n && signed_rank_cdf(n, w) < 0.5; w++) {
			double level = 1 - 2 * signed_rank_cdf(n, w);

			assert_int_equal(signed_rank_cut(n, (1 - level) / 2), w + 1);
		}
}

static void the_exact_and_the_large_sample_distribution_meet(void **state UNUSED)
{
	/* cut / (n (n + 1) / 4) is smooth in n: the step from 200 to 201 is like its neighbours */
	static const double tails[] = { 0.025, 0.005, 0.0005 };

	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		double before = (double)signed_rank_cut(199, tails[i]),
		       last = (double)signed_rank_cut(200, tails[i]),
		       first = (double)signed_rank_cut(201, tails[i]),
		       after = (double)signed_rank_cut(202, tails[i]);

		assert_true(fabs((first - last) - (last - before)) <= 2);
		assert_true(fabs((after - first) - (first - last)) <= 2);
	}
}

static void the_sign_distribution_is_of_fair_coins(void **state UNUSED)
{
	NEAR(sign_cdf(4, 0), 1 / 16.0);
	NEAR(sign_cdf(4, 1), 5 / 16.0);
	NEAR(sign_cdf(4, 4), 1);
	assert_int_equal(sign_cut(5, 0.025), 0);
	assert_int_equal(sign_cut(6, 0.025), 1);
	assert_int_equal(sign_cut(8, 0.025), 1);
	assert_int_equal(sign_cut(9, 0.025), 2); /* 10 of 512 */
}

static void walsh_averages_in_order_are_those_of_sorting(void **state UNUSED)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 20, 21, 64, 150 };
	double v[150], all[150 * 151 / 2];
	struct walsh *w = walsh_new(150);
	struct rng rng;

	rng_init(&rng, 3, 0);
	for (size_t round = 0; round < 24; round++) {
		size_t n = sizes[round % ARRAY_SIZE(sizes)], m = 0;

		for (size_t i = 0; i < n; i++) /* every second round is full of ties */
			v[i] = round % 2 ? (double)rng_below(&rng, 9) : rng_normal(&rng);
		stats_sort(v, n);
		for (size_t i = 0; i < n; i++)
			for (size_t j = i; j < n; j++)
				all[m++] = (v[i] + v[j]) / 2;
		stats_sort(all, m);
		assert_int_equal(m, walsh_count(n));
		for (size_t k = 0; k < m; k += 1 + m / 97)
			assert_true(walsh_select(w, v, n, k) == all[k]);
		assert_true(walsh_select(w, v, n, m - 1) == all[m - 1]);
		NEAR(walsh_median(w, v, n), stats_quantile_sorted(all, m, 0.5));
	}
	walsh_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_ranks_have_eight_outcomes),
		cmocka_unit_test(critical_values_are_those_of_the_printed_tables),
		cmocka_unit_test(a_level_that_the_distribution_attains_is_attained),
		cmocka_unit_test(the_exact_and_the_large_sample_distribution_meet),
		cmocka_unit_test(the_sign_distribution_is_of_fair_coins),
		cmocka_unit_test(walsh_averages_in_order_are_those_of_sorting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
