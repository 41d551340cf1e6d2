/* Power: against Student's printed quantiles, against simulated pairs, and back and forth. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/stats/power.h"
#include "tests/unit/harness/stats/coverage.h"

/* sd 1 of normal noise: Hodges-Lehmann errs by sqrt(pi / 3) / sqrt(n) of it */
static const double efficiency = 1.0233267079464885;

static void without_a_difference_the_power_is_the_error_of_one_side(void **state UNUSED)
{
	/* n = 6 attains 2 / 64: one side of it */
	struct power_setup s = { .spread = 0.02, .level = 0.95 };

	assert_true(fabs(power_of(&s, 6, 1) - 1 / 64.0) < 1e-6);
	assert_true(fabs(power_of(&s, 8, 1) - 5 / 256.0) < 1e-6);
	assert_true(power_of(&s, 5, 10) == 0); /* five pairs have no interval at 95 % */
	assert_true(isnan(power_smallest_ratio(&s, 5, 0.8)));
}

static double simulated(struct rng *rng, size_t n, double shift, double noise, int repeats)
{
	int found = 0;

	for (int k = 0; k < repeats; k++) {
		double d[100];
		struct estimate e;

		for (size_t i = 0; i < n; i++)
			d[i] = shift + rng_normal(rng);
		e = stats_exact_hl(d, n, 0.95);
		found += e.low > 0 && e.value > noise;
	}
	return (double)found / repeats;
}

/* 0.04 is what the approximation may err by; the rest is the simulation's. */
static void the_power_is_that_of_simulated_sessions(void **state UNUSED)
{
	static const size_t sizes[] = { 6, 8, 12, 20, 40, 100 };
	static const double shifts[] = { 1.5, 2.5, 3.5 }, noises[] = { 0, 0.4 };
	int repeats = REPEATS(2000);
	struct rng rng;

	rng_init(&rng, 31, 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (size_t k = 0; k < 2 * ARRAY_SIZE(shifts); k++) {
			size_t n = sizes[i];
			double noise = noises[k % 2], shift = shifts[k / 2] / sqrt((double)n);
			struct power_setup s = { efficiency, 0.95, noise };
			double power = power_of(&s, n, exp(shift));
			double seen = simulated(&rng, n, shift, noise, repeats);

			if (fabs(power - seen) > 0.04 + 4 * binomial_sd(power, repeats) / repeats)
				fail_msg("n %zu, shift %g, noise %g: %g, simulated %g", n, shift,
					 noise, power, seen);
		}
}

static void ratio_and_pairs_are_inverses_of_power(void **state UNUSED)
{
	static const double powers[] = { 0.8, 0.95 };

	for (size_t i = 0; i < ARRAY_SIZE(powers) * 2; i++) {
		struct power_setup s = { 0.02, 0.95, i < 2 ? 0 : 0.03 };
		double ratio = power_smallest_ratio(&s, 20, powers[i % 2]);
		size_t n;

		assert_true(fabs(power_of(&s, 20, ratio) - powers[i % 2]) < 1e-9);
		assert_true(fabs(power_of(&s, 20, 1 / ratio) - powers[i % 2]) < 1e-9);
		assert_true(ratio > exp(s.noise));
		n = power_pairs(&s, ratio * 1.0001, powers[i % 2], 100);
		assert_in_range(n, 15, 20);
		assert_true(power_of(&s, n, ratio * 1.0001) >= powers[i % 2]);
		assert_true(power_of(&s, n - 1, ratio * 1.0001) < powers[i % 2]);
	}
}

static void a_ratio_within_the_noise_is_never_found(void **state UNUSED)
{
	struct power_setup s = { .spread = 0.02, .level = 0.95, .noise = 0.05 };

	assert_int_equal(power_pairs(&s, 1.03, 0.8, 300), 0);
	assert_int_equal(power_pairs(&s, 1.2, 0.8, 5), 0);
}

static void the_spread_of_one_pair_comes_from_the_error_of_several(void **state UNUSED)
{
	struct estimate aa = { .n = 16, .se = 0.01 };

	assert_true(fabs(power_spread(&aa) - 0.04) < 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_difference_the_power_is_the_error_of_one_side),
		cmocka_unit_test(the_power_is_that_of_simulated_sessions),
		cmocka_unit_test(ratio_and_pairs_are_inverses_of_power),
		cmocka_unit_test(a_ratio_within_the_noise_is_never_found),
		cmocka_unit_test(the_spread_of_one_pair_comes_from_the_error_of_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
