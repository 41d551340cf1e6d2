/*
 * The exact decimals against printf and strtod, which are slow and known to be right:
 * the same text, for every kind of double that the bounds of the method could trip over.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "extractors/base/decimal.h"
#include "extractors/base/rng.h"

static void assert_like_printf(double v)
{
	char got[DECIMAL_MAX + 1], expected[64];

	got[decimal_write(got, v)] = '\0';
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(expected, sizeof(expected), "%.*g", digits, v);
		if (strtod(expected, NULL) == v)
			break;
	}
	assert_string_equal(got, expected);
}

static void known_doubles_have_their_known_texts(void **state UNUSED)
{
	static const struct {
		double v;
		const char *expected;
	} rows[] = {
		{ 0.1, "0.1" },
		{ 0.3, "0.3" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 2.0 / 3, "0.6666666666666666" },
		{ 123456.789, "123456.789" },
		{ 1e-4, "0.0001" },
		{ 9.9e-5, "9.9e-05" },
		{ 999999999999999.875, "999999999999999.9" },
		{ 1e15 + 0.5, "1000000000000000.5" },
		{ 1.0000000000000002, "1.0000000000000002" },
		{ 0.99999999999999989, "0.9999999999999999" },
		{ 5e-324, "4.94065645841247e-324" },
		{ DBL_MAX, "1.7976931348623157e+308" },
		{ INFINITY, "inf" },
		{ -INFINITY, "-inf" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char got[DECIMAL_MAX + 1];

		got[decimal_write(got, rows[i].v)] = '\0';
		assert_string_equal(got, rows[i].expected);
	}
}

static double any_bits(struct rng *r)
{
	uint64_t bits = rng_u64(r);
	double v;

	memcpy(&v, &bits, sizeof(v));
	return isnan(v) ? 0 : v;
}

static double any_size(struct rng *r)
{
	return exp(log(1e-6) + rng_unit(r) * log(1e24)) * (rng_chance(r, 0.5) ? 1 : -1);
}

static double few_decimals(struct rng *r)
{
	return (double)rng_below(r, 100000000) / pow(10, (double)rng_below(r, 12));
}

/* Halves of the last digit kept are where a rounding can go either way. */
static double short_binary(struct rng *r)
{
	return ldexp((double)rng_below(r, 1 << 20), -(int)rng_below(r, 40));
}

static double near(double v, struct rng *r)
{
	for (uint64_t steps = rng_below(r, 4); steps; steps--)
		v = nextafter(v, rng_chance(r, 0.5) ? INFINITY : 0);
	return v;
}

static double near_a_power_of_two(struct rng *r)
{
	return near(ldexp(1, (int)rng_below(r, 80) - 20), r);
}

static double near_a_power_of_ten(struct rng *r)
{
	return near(pow(10, (double)rng_below(r, 24) - 6), r);
}

static void random_doubles_are_written_as_printf_would(void **state UNUSED)
{
	static double (*const kinds[])(struct rng *) = {
		any_bits,	    any_size, few_decimals, short_binary, near_a_power_of_two,
		near_a_power_of_ten
	};
	struct rng rng;

	rng_init(&rng, 20261124, 0);
	for (int i = 0; i < 300000; i++)
		assert_like_printf(kinds[i % (int)ARRAY_SIZE(kinds)](&rng));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_doubles_have_their_known_texts),
		cmocka_unit_test(random_doubles_are_written_as_printf_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
