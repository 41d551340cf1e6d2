/* The rule of verdicts, row by row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/stats/verdict.h"

static struct estimate at(size_t n, double value, double low, double high, double level)
{
	return (struct estimate){
		.n = n, .value = value, .low = low, .high = high, .level = level
	};
}

static void each_condition_alone_is_enough_to_withhold_a_verdict(void **state UNUSED)
{
	static const struct {
		size_t n;
		double value, low, high, level;
		size_t noise_n;
		double noise_low, noise_high, noise_level;
		enum verdict_wants wants;
		enum verdict expected;
		const char *why;
	} rows[] = {
		{ 8, 1.5, 1.4, 1.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_HIGHER, VERDICT_BETTER, "" },
		{ 8, 1.5, 1.4, 1.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_LOWER, VERDICT_WORSE, "" },
		{ 8, 0.5, 0.4, 0.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_LOWER, VERDICT_BETTER, "" },
		{ 8, 0.5, 0.4, 0.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_HIGHER, VERDICT_WORSE, "" },
		{ 8, 1.5, 1.4, 1.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_NEITHER, VERDICT_NO_DIFFERENCE,
		  "" },
		{ 8, 1.5, 1.0, 1.6, 0.95, 8, 0.95, 1.1, 0.99, WANTS_HIGHER, VERDICT_NO_DIFFERENCE,
		  "" },
		/* within A/A, at either of its ends */
		{ 8, 1.5, 1.4, 1.6, 0.95, 8, 0.95, 1.5, 0.99, WANTS_HIGHER, VERDICT_NO_DIFFERENCE,
		  "" },
		{ 8, 1.5, 1.4, 1.6, 0.95, 8, 0.6, 1.1, 0.99, WANTS_HIGHER, VERDICT_NO_DIFFERENCE,
		  "" },
		{ 0, NAN, NAN, NAN, 0, 8, 0.95, 1.1, 0.99, WANTS_HIGHER, VERDICT_VOID, "" },
		{ 5, 1.5, 1.4, 1.6, 0.9375, 8, 0.95, 1.1, 0.99, WANTS_HIGHER, VERDICT_TOO_FEW,
		  "too few pairs" },
		{ 8, 1.5, 1.4, 1.6, 0.95, 0, NAN, NAN, 0, WANTS_HIGHER, VERDICT_TOO_FEW, "no A/A" },
		{ 8, 1.5, 1.4, 1.6, 0.95, 7, 0.95, 1.1, 0.984, WANTS_HIGHER, VERDICT_TOO_FEW,
		  "too few pairs of A/A" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct estimate ratio =
			at(rows[i].n, rows[i].value, rows[i].low, rows[i].high, rows[i].level);
		struct estimate noise = at(rows[i].noise_n, 1, rows[i].noise_low,
					   rows[i].noise_high, rows[i].noise_level);
		const char *why = "";

		if (verdict_of(&ratio, 0.95, &noise, rows[i].wants, &why) != rows[i].expected ||
		    strcmp(why, rows[i].why))
			fail_msg("row %zu: %s", i, why);
	}
}

static void a_plan_may_want_more_than_the_interval_has(void **state UNUSED)
{
	struct estimate ratio = at(6, 2, 1.9, 2.1, 0.96875), noise = at(8, 1, 0.9, 1.1, 0.99);

	assert_int_equal(verdict_of(&ratio, 0.95, &noise, WANTS_HIGHER, NULL), VERDICT_BETTER);
	assert_int_equal(verdict_of(&ratio, 0.99, &noise, WANTS_HIGHER, NULL), VERDICT_TOO_FEW);
}

static void the_noise_bound_is_the_farther_end(void **state UNUSED)
{
	struct estimate noise = at(8, 1, 0.5, 1.1, 0.99), none = at(0, NAN, NAN, NAN, 0);

	assert_true(fabs(verdict_noise_bound(&noise) - M_LN2) < 1e-12);
	assert_true(verdict_noise_bound(&none) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition_alone_is_enough_to_withhold_a_verdict),
		cmocka_unit_test(a_plan_may_want_more_than_the_interval_has),
		cmocka_unit_test(the_noise_bound_is_the_farther_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
