/* Arrival processes: exactness where they are exact, distribution where they are not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/loadgen/arrival.h"

static void schedule_does_not_drift_at_rates_that_do_not_divide_a_second(void **state UNUSED)
{
	static const int64_t rates[] = { 3, 7, 999, 30000, 123457, 1000003 };

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct arrival a = { .kind = ARRIVAL_CONSTANT, .rate_hz = (double)rates[i] };

		for (int64_t k = 0; k < 5000000; k++) {
			int64_t due_ns = arrival_next_ns(&a, 0);
			/* k / rate seconds in whole ns, in integers */
			int64_t exact_ns = (int64_t)((__int128)k * 1000000000 / rates[i]);

			if (due_ns - exact_ns < 0 || due_ns - exact_ns > 1)
				fail_msg("%lld Hz, event %lld: %lld", (long long)rates[i],
					 (long long)k, (long long)due_ns);
		}
	}
}

static void human_times_are_kept(void **state UNUSED)
{
	struct arrival a = { .kind = ARRIVAL_HUMAN };

	assert_int_equal(arrival_next_ns(&a, 5), 5);
	assert_int_equal(arrival_next_ns(&a, 5), 5);
	assert_int_equal(arrival_next_ns(&a, 123456789), 123456789);
}

static void bursts_come_together_at_the_mean_rate(void **state UNUSED)
{
	struct arrival a = { .kind = ARRIVAL_BURSTS, .rate_hz = 1000, .burst = 50 };

	for (int64_t k = 0; k < 1000; k++)
		assert_int_equal(arrival_next_ns(&a, 7), k / 50 * 50000000);
}

/* 10 ms on, 30 ms off, 1,000 a second: 40 events in each 10 ms, none in the 30. */
static void on_off_sends_evenly_while_on_and_nothing_while_off(void **state UNUSED)
{
	struct arrival a = {
		.kind = ARRIVAL_ONOFF, .rate_hz = 1000, .on_ns = 10000000, .off_ns = 30000000
	};

	for (int64_t k = 0; k < 100000; k++)
		assert_int_equal(arrival_next_ns(&a, 7), k / 40 * 40000000 + k % 40 * 250000);
}

static void without_an_off_time_it_is_constant(void **state UNUSED)
{
	struct arrival a = { .kind = ARRIVAL_ONOFF, .rate_hz = 3000, .on_ns = 12345 };
	struct arrival b = { .kind = ARRIVAL_CONSTANT, .rate_hz = 3000 };

	for (int64_t k = 0; k < 100000; k++)
		assert_int_equal(arrival_next_ns(&a, 0), arrival_next_ns(&b, 0));
}

/* Gaps of a Poisson process: mean and standard deviation 1 / rate, no memory. */
static void poisson_gaps_are_exponential_and_independent(void **state UNUSED)
{
	const int n = 200000;
	struct arrival a = { .kind = ARRIVAL_POISSON, .rate_hz = 10000 };
	double sum = 0, squares = 0, products = 0, last_gap = 0;
	int64_t last_ns = 0;
	int beyond_two_means = 0;

	rng_init(&a.rng, 5, 3);
	for (int i = 0; i < n; i++) {
		int64_t due_ns = arrival_next_ns(&a, 0);
		double gap = (double)(due_ns - last_ns) / 1e5; /* in means */

		assert_true(due_ns >= last_ns);
		sum += gap;
		squares += gap * gap;
		products += (gap - 1) * (last_gap - 1);
		beyond_two_means += gap > 2;
		last_gap = gap;
		last_ns = due_ns;
	}
	/* five standard errors each */
	assert_true(fabs(sum / n - 1) < 5 / sqrt(n));
	assert_true(fabs(squares / n - 2) < 5 * sqrt(20.0 / n));
	assert_true(fabs(products / n) < 5 / sqrt(n));
	assert_true(fabs((double)beyond_two_means / n - exp(-2)) < 5 * sqrt(exp(-2) / n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedule_does_not_drift_at_rates_that_do_not_divide_a_second),
		cmocka_unit_test(human_times_are_kept),
		cmocka_unit_test(bursts_come_together_at_the_mean_rate),
		cmocka_unit_test(on_off_sends_evenly_while_on_and_nothing_while_off),
		cmocka_unit_test(without_an_off_time_it_is_constant),
		cmocka_unit_test(poisson_gaps_are_exponential_and_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
