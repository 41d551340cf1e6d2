/* Two samples: probabilities counted by hand, intervals worked by hand, and how often they hold. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"
#include "harness/stats/quantile.h"
#include "harness/stats/rank_sum.h"
#include "harness/stats/shift.h"
#include "harness/stats/student.h"
#include "tests/unit/harness/stats/coverage.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* Of each choice of m of m + n ranks: how many ranks of the others lie below each chosen one. */
static void every_probability_is_a_count_of_choices(void **state UNUSED)
{
	for (unsigned int m = 1; m <= 5; m++)
		for (unsigned int n = 1; n <= 5; n++) {
			int choices = 0, by_u[26] = { 0 }, sum = 0;

			for (unsigned int set = 0; set < 1U << (m + n); set++) {
				unsigned int chosen = 0, others = 0, u = 0;

				for (unsigned int rank = 0; rank < m + n; rank++) {
					bool in = set >> rank & 1;

					chosen += in;
					others += !in;
					u += in ? others : 0;
				}
				if (chosen != m)
					continue;
				choices++;
				by_u[u]++;
			}
			for (unsigned int u = 0; u <= m * n; u++) {
				sum += by_u[u];
				NEAR(rank_sum_cdf(m, n, u), (double)sum / choices);
			}
		}
}

/* One more than the critical values of U in the tables of textbooks, two-sided 5 % and 1 %. */
static void cuts_are_those_of_the_tables(void **state UNUSED)
{
	static const struct {
		size_t m, n, at_5, at_1; /* the critical U; SIZE_MAX: there is none */
	} rows[] = {
		{ 3, 4, SIZE_MAX, SIZE_MAX },
		{ 4, 4, 0, SIZE_MAX },
		{ 5, 5, 2, 0 },
		{ 5, 8, 6, 2 },
		{ 6, 6, 5, 2 },
		{ 8, 8, 13, 7 },
		{ 10, 10, 23, 16 },
		{ 10, 15, 39, 29 },
		{ 20, 20, 127, 105 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(rank_sum_cut(rows[i].m, rows[i].n, 0.025), rows[i].at_5 + 1);
		assert_int_equal(rank_sum_cut(rows[i].n, rows[i].m, 0.005), rows[i].at_1 + 1);
	}
}

static double mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i] / (double)n;
	return sum;
}

/* The variance of the mean. */
static double error(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += pow(v[i] - mean(v, n), 2);
	return sum / (double)(n - 1) / (double)n;
}

/* Half of Welch's interval. */
static double welch(const double *a, size_t m, const double *b, size_t n, double level)
{
	double x = error(a, m), y = error(b, n);
	double df = pow(x + y, 2) / (x * x / (double)(m - 1) + y * y / (double)(n - 1));

	return x + y > 0 ? sqrt(x + y) * student_upper(df, (1 - level) / 2) : 0;
}

static void an_interval_is_what_ranks_and_welch_both_admit(void **state UNUSED)
{
	/*
	 * Differences: -5 -1 -1 1 2 3 5 6 12 16 18 19 22 26 28 29.  Of 70 choices U = 0 is one,
	 * U <= 1 two, U <= 2 four: 1.4 % and 2.9 % and 5.7 %: ranks say -5 ... 29, or -1 ... 28.
	 * Means 3.75 and 15, squared errors 115 / 48 and 229 / 6; Welch says more.
	 */
	static const double a[] = { 8, 1, 4, 2 }, b[] = { 3, 30, 20, 7 };
	/* Differences: 9 16 times, 10 32 times, 11 16 times; the 14th from either end. */
	static const double low[] = { 0, 1, 0, 1, 0, 1, 0, 1 },
			    high[] = { 10, 11, 10, 11, 10, 11, 10, 11 };
	double half = welch(a, 4, b, 4, 0.95);
	struct estimate e = stats_estimate_shift(a, 4, b, 4, 0.95);

	assert_true(fabs(error(b, 4) - 229 / 6.0) < 1e-9 && fabs(error(a, 4) - 115 / 48.0) < 1e-9);
	NEAR(e.value, 9);
	NEAR(e.low, 11.25 - half);
	NEAR(e.high, 11.25 + half);
	assert_true(e.low < -5 && e.high > 29);
	assert_int_equal(e.method, STATS_RANK_SUM);
	assert_int_equal(e.n, 4);
	assert_true(isnan(e.se) && e.level == 0.95);
	e = stats_estimate_shift(low, 8, high, 8, 0.95);
	assert_true(e.value == 10 && e.low == 9 && e.high == 11);
	assert_true(welch(low, 8, high, 8, 0.95) < 1);
}

/* Surer than all 20 choices of 3 of 6 can make one. */
static void what_ranks_cannot_say_welch_says(void **state UNUSED)
{
	/* Means 2 and 7, squared errors 1 / 3 and 4 / 3: 50 / 17 degrees of freedom. */
	static const double a[] = { 1, 2, 3 }, b[] = { 5, 7, 9 }, even[] = { 4, 4, 4 };
	struct estimate e = stats_estimate_shift(a, 3, b, 3, 0.99);
	double half = sqrt(5 / 3.0) * student_upper(50 / 17.0, (1 - 0.99) / 2);

	NEAR(e.value, 5);
	NEAR(e.low, 5 - half);
	NEAR(e.high, 5 + half);
	NEAR(e.level, 0.99);
	assert_int_equal(e.method, STATS_WELCH);
	assert_int_equal(stats_estimate_shift(a, 3, b, 3, 0.9).method, STATS_RANK_SUM);
	/* nothing varies: the range, at its own level */
	e = stats_estimate_shift(even, 3, even, 3, 0.99);
	assert_int_equal(e.method, STATS_RANGE);
	NEAR(e.level, 0.9);
	assert_true(e.low == 0 && e.high == 0);
}

static void one_value_has_no_interval_and_none_has_no_value(void **state UNUSED)
{
	static const double a[] = { 3 }, b[] = { 4, 8 };
	struct estimate e = stats_estimate_shift(a, 1, b, 2, 0.95);

	NEAR(e.value, 3);
	assert_int_equal(e.n, 1);
	assert_true(isnan(e.low) && isnan(e.high));
	assert_true(isnan(stats_estimate_shift(a, 0, b, 2, 0.95).value));
}

static void selected_differences_are_those_of_sorting(void **state UNUSED)
{
	struct rng rng;

	rng_init(&rng, 17, 0);
	for (int k = 0; k < REPEATS(2000); k++) {
		double a[12], b[12], all[144];
		size_t m = 2 + (size_t)rng_below(&rng, 11), n = 2 + (size_t)rng_below(&rng, 11), c;
		double half, middle;
		struct estimate e;

		for (size_t i = 0; i < m; i++) /* few distinct values: ties are the hard case */
			a[i] = (double)rng_below(&rng, 1 + (uint64_t)k % 20) / 7;
		for (size_t i = 0; i < n; i++)
			b[i] = (double)rng_below(&rng, 1 + (uint64_t)k % 20) / 7;
		for (size_t i = 0; i < m * n; i++)
			all[i] = b[i % n] - a[i / n];
		stats_sort(all, m * n);
		c = rank_sum_cut(m, n, 0.05) ? rank_sum_cut(m, n, 0.05) : 1;
		e = stats_estimate_shift(a, m, b, n, 0.9);
		half = welch(a, m, b, n, 0.9);
		middle = half > 0 ? mean(b, n) - mean(a, m) : e.value;
		assert_true(e.value == (all[(m * n - 1) / 2] + all[m * n / 2]) / 2);
		NEAR(e.low, fmin(all[c - 1], middle - half));
		NEAR(e.high, fmax(all[m * n - c], middle + half));
	}
}

static void exchanging_the_sessions_gives_the_reciprocal(void **state UNUSED)
{
	struct rng rng;

	rng_init(&rng, 18, 0);
	for (size_t n = 2; n <= 20; n++) {
		double a[20], b[25];
		struct estimate ab, ba;

		for (size_t i = 0; i < n; i++)
			a[i] = rng_lognormal(&rng, 0, 0.1);
		for (size_t i = 0; i < n + 5; i++)
			b[i] = rng_lognormal(&rng, 0.1, 0.3);
		ab = stats_estimate_unpaired_ratio(a, n, b, n + 5, 0.95);
		ba = stats_estimate_unpaired_ratio(b, n + 5, a, n, 0.95);
		NEAR(ab.value * ba.value, 1);
		NEAR(ab.low * ba.high, 1);
		NEAR(ab.high * ba.low, 1);
	}
}

/* The shape of the noise does not matter, nor that the samples are of different sizes. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state UNUSED)
{
	static const struct {
		size_t m, n;
		double level;
	} rows[] = { { 6, 6, 0.95 }, { 8, 8, 0.99 }, { 5, 13, 0.95 }, { 20, 20, 0.95 } };
	int repeats = REPEATS(2000);
	struct rng rng;

	rng_init(&rng, 19, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows) * NOISES_ALL; i++) {
		size_t m = rows[i / NOISES_ALL].m, n = rows[i / NOISES_ALL].n;
		double level = rows[i / NOISES_ALL].level, a[20], b[20];
		int covered = 0;

		for (int k = 0; k < repeats; k++) {
			struct estimate e;

			for (size_t j = 0; j < m; j++)
				a[j] = draw_noise(&rng, (enum noise)(i % NOISES_ALL));
			for (size_t j = 0; j < n; j++)
				b[j] = 2 + draw_noise(&rng, (enum noise)(i % NOISES_ALL));
			e = stats_estimate_shift(a, m, b, n, level);
			covered += e.low <= 2 && e.high >= 2;
		}
		assert_at_least(covered, level, repeats);
	}
}

/* With noise that is about normal or has longer tails Welch's interval errs less than it may. */
static void welchs_intervals_hold_the_truth_as_often_as_they_say(void **state UNUSED)
{
	static const double spreads[] = { 1, 3 };
	int repeats = REPEATS(2000);
	struct rng rng;

	rng_init(&rng, 20, 0);
	for (size_t i = 0; i < ARRAY_SIZE(spreads) * NOISES; i++) {
		double a[4], b[5];
		int covered = 0;

		for (int k = 0; k < repeats; k++) {
			struct estimate e;

			for (size_t j = 0; j < ARRAY_SIZE(a); j++)
				a[j] = draw_noise(&rng, (enum noise)(i % NOISES));
			for (size_t j = 0; j < ARRAY_SIZE(b); j++)
				b[j] = spreads[i / NOISES] *
				       draw_noise(&rng, (enum noise)(i % NOISES));
			e = stats_estimate_shift(a, ARRAY_SIZE(a), b, ARRAY_SIZE(b), 0.99);
			assert_int_equal(e.method, STATS_WELCH);
			covered += e.low <= 0 && e.high >= 0;
		}
		assert_at_least(covered, 0.99, repeats);
	}
}

static void a_quotient_admits_what_both_intervals_do(void **state UNUSED)
{
	const struct estimate a = { .n = 6, .value = 2, .low = 1, .high = 4, .level = 0.95 };
	const struct estimate b = { .n = 9, .value = 6, .low = 4, .high = 8, .level = 0.98 };
	const struct estimate one = { .n = 1, .value = 5, .low = NAN, .high = NAN };
	struct estimate e = stats_quotient(&a, &b);

	NEAR(e.value, 3);
	NEAR(e.low, 1);
	NEAR(e.high, 8);
	NEAR(e.level, 0.93);
	assert_int_equal(e.n, 6);
	assert_int_equal(e.method, STATS_BOTH_INTERVALS);
	e = stats_quotient(&a, &one);
	NEAR(e.value, 2.5);
	assert_true(isnan(e.low));
	assert_int_equal(stats_quotient(&(struct estimate){ 0 }, &b).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_probability_is_a_count_of_choices),
		cmocka_unit_test(cuts_are_those_of_the_tables),
		cmocka_unit_test(an_interval_is_what_ranks_and_welch_both_admit),
		cmocka_unit_test(what_ranks_cannot_say_welch_says),
		cmocka_unit_test(one_value_has_no_interval_and_none_has_no_value),
		cmocka_unit_test(selected_differences_are_those_of_sorting),
		cmocka_unit_test(exchanging_the_sessions_gives_the_reciprocal),
		cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
		cmocka_unit_test(welchs_intervals_hold_the_truth_as_often_as_they_say),
		cmocka_unit_test(a_quotient_admits_what_both_intervals_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
