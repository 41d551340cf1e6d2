/* Text to number: the whole text or nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "extractors/base/num.h"
#include "extractors/base/rng.h"

static void whole_numbers_are_taken_whole_or_not_at_all(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t expected;
	} rows[] = {
		{ "0", true, 0 },
		{ "6379", true, 6379 },
		{ "-5", true, -5 },
		{ "+5", false, 0 },
		{ "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ " 5", false, 0 },
		{ "5 ", false, 0 },
		{ "-", false, 0 },
		{ "--5", false, 0 },
		{ "+-5", false, 0 },
		{ "0x10", false, 0 },
		{ "1e3", false, 0 },
		{ "1.0", false, 0 },
		{ "1_000", false, 0 },
		{ "five", false, 0 },
		{ "\xd9\xa3", false, 0 }, /* an Arabic digit */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t v = 0;

		if (num_parse_i64(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].ok)
			assert_int_equal(v, rows[i].expected);
	}
}

static void decimal_numbers_are_finite_and_not_hexadecimal(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		double expected;
	} rows[] = {
		{ "0", true, 0 },
		{ "30", true, 30 },
		{ "0.001", true, 0.001 },
		{ "-2.5", true, -2.5 },
		{ "+2.5", true, 2.5 },
		{ ".5", true, 0.5 },
		{ "5.", true, 5 },
		{ "1e3", true, 1000 },
		{ "1E-3", true, 0.001 },
		{ "1.7976931348623157e308", true, 1.7976931348623157e308 },
		{ "1e309", false, 0 },
		{ "", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "inf", false, 0 },
		{ "+inf", false, 0 },
		{ "infinity", false, 0 },
		{ "-nan", false, 0 },
		{ "nan(1)", false, 0 },
		{ "-nan(1)", false, 0 },
		{ "0x10", false, 0 },
		{ "-0x1p3", false, 0 },
		{ "1e", false, 0 },
		{ "1.2.3", false, 0 },
		{ "1,5", false, 0 },
		{ ".", false, 0 },
		{ "-", false, 0 },
		{ "1-2", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double v = 0;

		if (num_parse_double(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].ok)
			assert_true(v == rows[i].expected);
	}
}

static void byte_counts_are_whole_and_fit(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t expected;
	} rows[] = {
		{ "0", true, 0 },
		{ "4096", true, 4096 },
		{ "1KiB", true, 1024 },
		{ "64MiB", true, 64 << 20 },
		{ "3GiB", true, 3LL << 30 },
		{ "1TiB", false, 0 },
		{ "8589934591GiB", true, 8589934591LL << 30 },
		{ "8589934592GiB", false, 0 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "9223372036854775807KiB", false, 0 },
		{ "", false, 0 },
		{ "MiB", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ "1.5MiB", false, 0 },
		{ "1e3", false, 0 },
		{ "64 MiB", false, 0 },
		{ "64mib", false, 0 },
		{ "64MB", false, 0 },
		{ "64MiBs", false, 0 },
		{ "0x10", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t v = 0;

		if (num_parse_bytes(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].ok)
			assert_int_equal(v, rows[i].expected);
	}
}

static void seconds_may_have_a_unit(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		double expected;
	} rows[] = {
		{ "5", true, 5 },	{ "0.5s", true, 0.5 },	 { "250ms", true, 0.25 },
		{ "10us", true, 1e-5 }, { "10 min", true, 600 }, { "24h", true, 86400 },
		{ "1H", true, 3600 },	{ "s", false, 0 },	 { "1d", false, 0 },
		{ "1m", false, 0 },	{ "5 s ", false, 0 },	 { "1e308h", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double v = 0;

		if (num_parse_seconds(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].ok)
			assert_true(fabs(v - rows[i].expected) <= 1e-15 * v);
	}
}

static void truth_values_come_in_any_case(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok, expected;
	} rows[] = {
		{ "1", true, true },	   { "true", true, true },	{ "TRUE", true, true },
		{ "Yes", true, true },	   { "on", true, true },	{ "0", true, false },
		{ "false", true, false },  { "No", true, false },	{ "OFF", true, false },
		{ "", false, false },	   { "2", false, false },	{ "t", false, false },
		{ "true ", false, false }, { "enabled", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool v = !rows[i].expected;

		if (num_parse_bool(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"", rows[i].text);
		assert_true(v == (rows[i].ok ? rows[i].expected : !rows[i].expected));
	}
}

static void the_exact_way_is_strtods_or_declines(void **state UNUSED)
{
	struct rng rng;
	int taken = 0;

	rng_init(&rng, 11, 0);
	for (int i = 0; i < 200000; i++) {
		uint64_t digits = rng_u64(&rng) >> rng_below(&rng, 60);
		int exp10 = (int)rng_below(&rng, 50) - 25;
		char text[64];
		double v;

		if (!num_exact_double(digits, exp10, &v))
			continue;
		taken++;
		snprintf(text, sizeof(text), "%llue%d", (unsigned long long)digits, exp10);
		assert_true(v == strtod(text, NULL));
	}
	assert_in_range(taken, 120000, 199999);
	assert_false(num_exact_double((1ULL << 53) + 1, 0, &(double){ 0 }));
	assert_false(num_exact_double(1, 23, &(double){ 0 }));
	assert_false(num_exact_double(1, -23, &(double){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_are_taken_whole_or_not_at_all),
		cmocka_unit_test(decimal_numbers_are_finite_and_not_hexadecimal),
		cmocka_unit_test(byte_counts_are_whole_and_fit),
		cmocka_unit_test(seconds_may_have_a_unit),
		cmocka_unit_test(truth_values_come_in_any_case),
		cmocka_unit_test(the_exact_way_is_strtods_or_declines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
