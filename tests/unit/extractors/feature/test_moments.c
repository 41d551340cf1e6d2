#include "extractors/feature/moments.h"
#include "tests/unit/extractors/feature/feature_tests.h"

static void statistics_of_nothing_are_zero(void **state UNUSED)
{
	static const double beyond[] = { 10, -10, INFINITY };
	struct moments m = { 0 };

	moments_add_block(&m, beyond, 0, INFINITY);
	moments_add_block(&m, beyond, 3, 10);
	assert_int_equal(m.n, 0);
	assert_near(m.mean, 0);
	assert_near(moments_mean_abs(&m), 0);
	assert_near(moments_std(&m), 0);
	assert_near(m.max_abs, 0);
}

static void values_at_the_limit_are_left_out(void **state UNUSED)
{
	static const double v[] = { 1, -3, 10, 9.999999, -10, 2, -10.5 };
	struct moments m = { 0 };

	moments_add_block(&m, v, 7, 10);
	assert_int_equal(m.n, 4);
	assert_near(m.mean, 9.999999 / 4);
	assert_near(m.max_abs, 9.999999);
	assert_near(moments_mean_abs(&m), 15.999999 / 4);
}

static void the_variance_is_that_of_the_population(void **state UNUSED)
{
	static const double v[] = { 2, 4, 4, 4, 5, 5, 7, 9 }; /* mean 5, squares add up to 32 */
	struct moments m = { 0 };

	moments_add_block(&m, v, 8, INFINITY);
	assert_near(m.mean, 5);
	assert_near(moments_var(&m), 4);
	assert_near(moments_std(&m), 2);
}

/* A large mean with a small spread: sums of squares would lose all of it. */
static void any_cut_into_blocks_gives_the_same(void **state UNUSED)
{
	static double v[1001];
	uint64_t seed = 5;

	for (size_t i = 0; i < 1001; i++)
		v[i] = 1e8 + (double)rnd_below(&seed, 1000) / 1000;
	for (size_t block = 1; block < 300; block += 7) {
		struct moments m = { 0 };
		double mean = 0, var = 0;

		for (size_t i = 0; i < 1001; i += block)
			moments_add_block(&m, v + i, block < 1001 - i ? block : 1001 - i, INFINITY);
		for (size_t i = 0; i < 1001; i++)
			mean += (v[i] - 1e8) / 1001;
		for (size_t i = 0; i < 1001; i++)
			var += (v[i] - 1e8 - mean) * (v[i] - 1e8 - mean) / 1001;
		assert_int_equal(m.n, 1001);
		assert_near(m.mean, 1e8 + mean);
		assert_true(fabs(moments_var(&m) - var) < 1e-7 * var);
	}
}

static void sums_and_counts_cover_every_length(void **state UNUSED)
{
	static double v[70];

	for (size_t n = 0; n < 70; n++) {
		double sum = 0;
		size_t above = 0;

		v[n] = (double)(n * 37 % 11);
		for (size_t i = 0; i < n; i++) {
			sum += v[i];
			above += v[i] > 4;
		}
		assert_near(moments_sum(v, n), sum);
		assert_int_equal(moments_count_above(v, n, 4), above);
		assert_int_equal(moments_count_above(v, n, -1), n);
		assert_int_equal(moments_count_above(v, n, 10), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_of_nothing_are_zero),
		cmocka_unit_test(values_at_the_limit_are_left_out),
		cmocka_unit_test(the_variance_is_that_of_the_population),
		cmocka_unit_test(any_cut_into_blocks_gives_the_same),
		cmocka_unit_test(sums_and_counts_cover_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
