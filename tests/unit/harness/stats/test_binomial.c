/* The exact binomial interval against values that were published or worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/stats/binomial.h"

static void intervals_are_those_of_the_beta_quantiles(void **state UNUSED)
{
	static const struct {
		size_t k, n;
		double level, low, high;
	} rows[] = {
		{ 0, 25, 0.95, 0, 0.137185 },	     /* 1 - 0.025^(1/25) */
		{ 25, 25, 0.95, 0.862815, 1 },	     /* its mirror */
		{ 1, 1, 0.95, 0.025, 1 },	     /* by hand */
		{ 5, 10, 0.95, 0.187086, 0.812914 }, /* scipy.stats.beta.ppf */
		{ 6, 200, 0.99, 0.007752, 0.076425 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double low, high;

		stats_binomial_interval(rows[i].k, rows[i].n, rows[i].level, &low, &high);
		assert_true(fabs(low - rows[i].low) < 1e-5);
		assert_true(fabs(high - rows[i].high) < 1e-5);
	}
}

static void of_nothing_nothing_is_known(void **state UNUSED)
{
	double low, high;

	stats_binomial_interval(0, 0, 0.95, &low, &high);
	assert_true(low == 0 && high == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_those_of_the_beta_quantiles),
		cmocka_unit_test(of_nothing_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
