/* Slopes: hand-worked, and of series as memory has them, simulated with a fixed seed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/stats/slope.h"
#include "tests/unit/harness/stats/coverage.h"

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)
#define N	   7200 /* two hours, once a second */

static double x_h[N], y_mb[N];

static void the_value_is_the_median_of_the_pairs_slopes(void **state UNUSED)
{
	/* slopes 1 -> 2: 3; 1 -> 4: 1; 2 -> 4: 0; and one pair with the same x */
	static const double x[] = { 1, 2, 4 }, y[] = { 0, 3, 3 }, same[] = { 2, 2, 2 };
	static const double twice[] = { 1, 1, 3 };
	struct estimate e = stats_estimate_slope(x, y, 3, 0.99, 1);

	NEAR(e.value, 1);
	assert_int_equal(e.n, 3);
	assert_int_equal(e.method, STATS_NONE);
	assert_true(isnan(e.low) && isnan(e.high) && isnan(e.se));
	assert_true(isnan(stats_estimate_slope(same, y, 3, 0.99, 1).value));
	assert_true(isnan(stats_estimate_slope(x, y, 1, 0.99, 1).value));
	assert_true(isnan(stats_estimate_slope(x, y, 0, 0.99, 1).value));
	NEAR(stats_estimate_slope(twice, y, 3, 0.99, 1).value, 0.75); /* 1.5 and 0 */
}

static void a_line_has_its_slope_without_doubt(void **state UNUSED)
{
	static const size_t sizes[] = { 64, 65, 100, 999, 1000, 1001, 2000, N };

	for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
		struct estimate e;

		for (size_t i = 0; i < sizes[k]; i++) {
			x_h[i] = (double)i / 3600;
			y_mb[i] = 40 - 2.5 * x_h[i];
		}
		e = stats_estimate_slope(x_h, y_mb, sizes[k], 0.99, 1);
		assert_int_equal(e.method, STATS_GROWTHS);
		NEAR(e.value, -2.5);
		NEAR(e.low, -2.5);
		NEAR(e.high, -2.5);
	}
}

static void x_that_stands_still_has_no_interval(void **state UNUSED)
{
	for (size_t i = 0; i < 200; i++) {
		x_h[i] = i < 100 ? 1 : 2;
		y_mb[i] = (double)i;
	}
	assert_int_equal(stats_estimate_slope(x_h, y_mb, 200, 0.99, 1).method, STATS_NONE);
	assert_true(stats_estimate_slope(x_h, y_mb, 200, 0.99, 1).value > 0);
}

/* Megabytes and hours. */
struct series {
	const char *name;
	double leak;	/* a straight line */
	double step_mb; /* 0: grows without steps */
	double memory;	/* AR(1) of the noise, whose sd is always 0.05 */
	int jumps;	/* of 5 MB, whenever */
	bool is_a_leak;
};

static void simulate(const struct series *s, struct rng *rng)
{
	double noise = 0.05 * rng_normal(rng), phase = rng_unit(rng), jumps_h[4];
	double fresh = 0.05 * sqrt(1 - s->memory * s->memory);

	for (int k = 0; k < s->jumps; k++)
		jumps_h[k] = 2 * rng_unit(rng);
	for (size_t i = 0; i < N; i++) {
		double grown;

		x_h[i] = (double)i / 3600;
		grown = s->leak * x_h[i];
		noise = s->memory * noise + fresh * rng_normal(rng);
		y_mb[i] = noise;
		y_mb[i] += s->step_mb > 0 ? s->step_mb * floor(grown / s->step_mb + phase) : grown;
		for (int k = 0; k < s->jumps; k++)
			y_mb[i] += x_h[i] > jumps_h[k] ? 5 : 0;
	}
}

static void a_leak_is_told_from_noise_steps_and_jumps(void **state UNUSED)
{
	static const struct series rows[] = {
		{ "nothing", 0, 0, 0, 0, false },
		{ "lasting noise", 0, 0, 0.99, 0, false },
		{ "one jump", 0, 0, 0, 1, false },
		{ "two jumps", 0, 0, 0, 2, false },
		{ "1 MB/h", 1, 0, 0, 0, true },
		{ "1 MB/h by pages", 1, 0.004, 0, 0, true },
		{ "1 MB/h by arenas", 1, 0.132, 0, 0, true },
		{ "1 MB/h in lasting noise", 1, 0, 0.99, 0, true },
	};
	int repeats = REPEATS(50);
	struct rng rng;

	rng_init(&rng, 41, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int k = 0; k < repeats; k++) {
			struct estimate e;

			simulate(&rows[i], &rng);
			e = stats_estimate_slope(x_h, y_mb, N, 0.99, (uint64_t)k);
			if ((e.low > 0) != rows[i].is_a_leak || e.high < rows[i].leak ||
			    e.low > rows[i].leak)
				fail_msg("%s: %g [%g, %g]", rows[i].name, e.value, e.low, e.high);
			if (!rows[i].jumps)
				assert_true(fabs(e.value - rows[i].leak) < 0.1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_value_is_the_median_of_the_pairs_slopes),
		cmocka_unit_test(a_line_has_its_slope_without_doubt),
		cmocka_unit_test(x_that_stands_still_has_no_interval),
		cmocka_unit_test(a_leak_is_told_from_noise_steps_and_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
