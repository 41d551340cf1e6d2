/* Estimates against hand-worked samples, and interval coverage on simulated data. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/stats/estimate.h"
#include "harness/stats/quantile.h"
#include "harness/stats/signed_rank.h"
#include "tests/unit/harness/stats/coverage.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static void quantiles_are_numpys_default(void **state UNUSED)
{
	/* numpy.quantile([1, 2, 4, 8], q), by hand: index q * 3 */
	static const double v[] = { 1, 2, 4, 8 };
	static const struct {
		double q, expected;
	} rows[] = { { 0, 1 }, { 0.25, 1.75 }, { 0.5, 3 }, { 0.75, 5 }, { 0.9, 6.8 }, { 1, 8 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		NEAR(stats_quantile_sorted(v, 4, rows[i].q), rows[i].expected);
}

static void the_median_by_selection_is_the_median_by_sorting(void **state UNUSED)
{
	struct rng rng;

	rng_init(&rng, 7, 0);
	for (int k = 0; k < 20000; k++) {
		double v[40], sorted[40];
		size_t n = 1 + (size_t)rng_below(&rng, 40);

		for (size_t i = 0; i < n; i++) /* few distinct values: ties are the hard case */
			sorted[i] = v[i] = (double)rng_below(&rng, 1 + (uint64_t)k % 30);
		stats_sort(sorted, n);
		assert_true(stats_median(v, n) == stats_quantile_sorted(sorted, n, 0.5));
	}
}

static void hodges_lehmann_is_the_median_of_the_pairwise_averages(void **state UNUSED)
{
	/* of 1, 2, 9: averages 1 1.5 2 5 5.5 9, median 3.5 */
	static const double d[] = { 9, 1, 2 };

	NEAR(stats_estimate_hl(d, 3, 0.95, 1).value, 3.5);
}

static void few_values_get_their_range_and_its_true_level(void **state UNUSED)
{
	static const double d[] = { 3, 1, 2 };
	struct estimate e = stats_estimate_median(d, 3, 0.95, 1);

	NEAR(e.value, 2);
	NEAR(e.low, 1);
	NEAR(e.high, 3);
	NEAR(e.level, 0.75);
	assert_int_equal(e.method, STATS_RANGE);
}

static void the_bootstrap_is_used_only_where_the_range_covers_the_wanted_level(void **state UNUSED)
{
	static const double d[] = { 1, 5, 2, 8, 3, 9, 4, 7 };
	static const struct {
		size_t n;
		double level, expected_level;
		enum stats_method expected;
	} rows[] = {
		{ 5, 0.95, 0.9375, STATS_RANGE },   { 6, 0.95, 0.95, STATS_BOOTSTRAP },
		{ 6, 0.99, 0.96875, STATS_RANGE },  { 7, 0.99, 0.984375, STATS_RANGE },
		{ 8, 0.99, 0.99, STATS_BOOTSTRAP }, { 2, 0.99, 0.5, STATS_RANGE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct estimate e = stats_estimate_hl(d, rows[i].n, rows[i].level, 1);

		assert_int_equal(e.method, rows[i].expected);
		NEAR(e.level, rows[i].expected_level);
	}
}

static void one_value_has_no_interval_and_none_has_no_value(void **state UNUSED)
{
	static const double d[] = { 3 };

	NEAR(stats_estimate_median(d, 1, 0.95, 1).value, 3);
	assert_true(isnan(stats_estimate_median(d, 1, 0.95, 1).low));
	assert_true(isnan(stats_estimate_median(d, 0, 0.95, 1).value));
}

static void a_ratio_is_of_pairs_not_of_medians(void **state UNUSED)
{
	/* Each b is twice its a; the medians' ratio would be the same by luck only. */
	static const double a[] = { 1, 100, 3, 5, 80, 7 }, b[] = { 2, 200, 6, 10, 160, 14 };
	struct estimate e = stats_estimate_ratio(a, b, 6, 0.95, 1);

	NEAR(e.value, 2);
	NEAR(e.low, 2);
	NEAR(e.high, 2);
	assert_int_equal(e.method, STATS_BOOTSTRAP);
}

/* Samples of few values are where the bootstrap alone fails: 87 % at n = 6, 92 % at n = 8. */
static void intervals_cover_the_truth_as_often_as_they_say(void **state UNUSED)
{
	static const struct {
		size_t n;
		double level;
		int repeats;
	} rows[] = { { 6, 0.95, 500 }, { 8, 0.95, 400 }, { 8, 0.99, 400 }, { 13, 0.95, 100 } };
	struct rng rng;

	rng_init(&rng, 42, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows) * NOISES; i++) {
		size_t n = rows[i / NOISES].n;
		double level = rows[i / NOISES].level, d[13];
		int median = 0, hl = 0, repeats = REPEATS(rows[i / NOISES].repeats);

		for (int k = 0; k < repeats; k++) {
			struct estimate m, h;

			for (size_t j = 0; j < n; j++)
				d[j] = draw_noise(&rng, (enum noise)(i % NOISES));
			m = stats_estimate_median(d, n, level, (uint64_t)k);
			h = stats_estimate_hl(d, n, level, (uint64_t)k);
			median += m.low <= 0 && m.high >= 0;
			hl += h.low <= 0 && h.high >= 0;
		}
		assert_at_least(median, level, repeats);
		assert_at_least(hl, level, repeats);
	}
}

/* Neither less nor, by more than the steps of the distribution, more. */
static void exact_intervals_cover_exactly(void **state UNUSED)
{
	static const size_t sizes[] = { 6, 8, 13, 20, 40 };
	int repeats = REPEATS(3000);
	struct rng rng;

	rng_init(&rng, 43, 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes) * NOISES; i++) {
		size_t n = sizes[i / NOISES];
		double d[40], attained = 1 - 2 * signed_rank_cdf(n, signed_rank_cut(n, 0.025) - 1);
		int covered = 0;

		for (int k = 0; k < repeats; k++) {
			struct estimate e;

			for (size_t j = 0; j < n; j++)
				d[j] = draw_noise(&rng, (enum noise)(i % NOISES));
			e = stats_exact_hl(d, n, 0.95);
			covered += e.low <= 0 && e.high >= 0;
		}
		assert_at_least(covered, attained, repeats);
		assert_at_most(covered, attained, repeats);
	}
}

static void the_range_covers_as_often_as_its_level_says(void **state UNUSED)
{
	int repeats = REPEATS(20000), covered = 0;
	struct rng rng;

	rng_init(&rng, 11, 0);
	for (int k = 0; k < repeats; k++) {
		double d[4];
		struct estimate e;

		for (int j = 0; j < 4; j++)
			d[j] = rng_normal(&rng);
		e = stats_exact_hl(d, 4, 0.95);
		assert_int_equal(e.method, STATS_RANGE);
		covered += e.low <= 0 && e.high >= 0;
	}
	assert_at_least(covered, 0.875, repeats);
	assert_at_most(covered, 0.875, repeats);
}

/* Of normal noise Hodges-Lehmann errs by sqrt(pi / 3 / n) standard deviations, about. */
static void the_standard_error_is_how_far_estimates_scatter(void **state UNUSED)
{
	int repeats = REPEATS(400);
	double sum = 0, squares = 0, se = 0;
	struct rng rng;

	rng_init(&rng, 12, 0);
	for (int k = 0; k < repeats; k++) {
		double d[16];
		struct estimate e;

		for (int j = 0; j < 16; j++)
			d[j] = rng_normal(&rng);
		e = stats_estimate_hl(d, 16, 0.95, (uint64_t)k);
		sum += e.value;
		squares += e.value * e.value;
		se += e.se / repeats;
	}
	squares = sqrt(squares / repeats - sum * sum / repeats / repeats);
	assert_true(fabs(se / squares - 1) < 4 / sqrt(2.0 * repeats) + 0.05);
	assert_true(fabs(se / sqrt(M_PI / 3 / 16) - 1) < 0.1);
}

static void the_exact_interval_is_hand_worked(void **state UNUSED)
{
	/*
	 * 1 2 4 8 16 32 64 128 at 95 %: signed_rank_cut(8, 0.025) = 4, so the 4th of the
	 * 36 averages from either end: 1 1.5 2 2.5 | 3 ... 66 68 | 72 80 96 128 -> 2.5 and 72.
	 */
	static const double d[] = { 128, 1, 64, 2, 32, 4, 16, 8 };
	struct estimate exact = stats_exact_hl(d, 8, 0.95), est = stats_estimate_hl(d, 8, 0.95, 1);

	NEAR(exact.low, 2.5);
	NEAR(exact.high, 72);
	NEAR(exact.level, 0.95);
	assert_int_equal(exact.method, STATS_EXACT);
	assert_true(isnan(exact.se));
	assert_true(est.low <= exact.low && est.high >= exact.high && est.value == exact.value);
}

static void the_order_of_values_and_the_unit_do_not_matter(void **state UNUSED)
{
	static const double d[] = { 1, 5, 2, 8, 3, 9, 4 }, shuffled[] = { 9, 4, 1, 8, 2, 3, 5 };
	static const double scaled[] = { 4, 20, 8, 32, 12, 36, 16 };
	struct estimate x = stats_estimate_hl(d, 7, 0.95, 7),
			y = stats_estimate_hl(shuffled, 7, 0.95, 7),
			z = stats_estimate_hl(scaled, 7, 0.95, 7);

	assert_true(x.value == y.value && x.low == y.low && x.high == y.high && x.se == y.se);
	NEAR(z.value, 4 * x.value);
	NEAR(z.low, 4 * x.low);
	NEAR(z.high, 4 * x.high);
	NEAR(z.se, 4 * x.se);
}

static void exchanging_the_sides_gives_the_reciprocal(void **state UNUSED)
{
	double a[30], b[30];
	struct rng rng;

	rng_init(&rng, 13, 0);
	for (size_t n = 2; n <= 30; n++) {
		struct estimate ab, ba;

		for (size_t i = 0; i < n; i++) {
			a[i] = rng_lognormal(&rng, 0, 0.1);
			b[i] = rng_lognormal(&rng, 0.1, 0.3);
		}
		ab = stats_estimate_ratio(a, b, n, 0.95, 5);
		ba = stats_estimate_ratio(b, a, n, 0.95, 5);
		NEAR(ab.value * ba.value, 1);
		NEAR(ab.low * ba.high, 1);
		NEAR(ab.high * ba.low, 1);
		NEAR(ab.se, ba.se);
	}
}

static void the_same_seed_gives_the_same_interval(void **state UNUSED)
{
	static const double d[] = { 1, 5, 2, 8, 3, 9, 4 };
	struct estimate x = stats_estimate_hl(d, 7, 0.95, 7), y = stats_estimate_hl(d, 7, 0.95, 7);

	assert_true(x.low == y.low && x.high == y.high && x.low < x.high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_numpys_default),
		cmocka_unit_test(the_median_by_selection_is_the_median_by_sorting),
		cmocka_unit_test(hodges_lehmann_is_the_median_of_the_pairwise_averages),
		cmocka_unit_test(few_values_get_their_range_and_its_true_level),
		cmocka_unit_test(
			the_bootstrap_is_used_only_where_the_range_covers_the_wanted_level),
		cmocka_unit_test(one_value_has_no_interval_and_none_has_no_value),
		cmocka_unit_test(a_ratio_is_of_pairs_not_of_medians),
		cmocka_unit_test(intervals_cover_the_truth_as_often_as_they_say),
		cmocka_unit_test(exact_intervals_cover_exactly),
		cmocka_unit_test(the_range_covers_as_often_as_its_level_says),
		cmocka_unit_test(the_standard_error_is_how_far_estimates_scatter),
		cmocka_unit_test(the_exact_interval_is_hand_worked),
		cmocka_unit_test(the_order_of_values_and_the_unit_do_not_matter),
		cmocka_unit_test(exchanging_the_sides_gives_the_reciprocal),
		cmocka_unit_test(the_same_seed_gives_the_same_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
