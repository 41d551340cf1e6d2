/* The table of a self-check: which value is right, and what a row then says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/selfcheck/known.h"

static void a_value_outside_its_range_has_the_verdict_of_its_kind(void **state UNUSED)
{
	static const struct {
		double value;
		enum known_verdict otherwise, verdict;
	} rows[] = {
		{ 23, KNOWN_WRONG, KNOWN_OK },		 { 24, KNOWN_WRONG, KNOWN_OK },
		{ 22.999, KNOWN_WRONG, KNOWN_WRONG },	 { 24.001, KNOWN_MISSED, KNOWN_MISSED },
		{ NAN, KNOWN_WRONG, KNOWN_UNAVAILABLE }, { INFINITY, KNOWN_MISSED, KNOWN_MISSED },
	};
	struct known_table t = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct known_range range = { 23, 24, rows[i].otherwise, "events", 1 };
		struct known *k = known_add(&t, KNOWN_TRUTHS, "what", "goal");

		known_value(k, rows[i].value, 1, &range);
		assert_int_equal(k->verdict, rows[i].verdict);
	}
	assert_int_equal(known_count(&t, KNOWN_OK), 2);
	assert_int_equal(known_count(&t, KNOWN_WRONG), 1);
	assert_int_equal(known_count(&t, KNOWN_MISSED), 2);
	assert_int_equal(known_count(&t, KNOWN_UNAVAILABLE), 1);
	known_release(&t);
}

static void a_row_says_value_interval_number_and_verdict_or_why_there_is_none(void **state UNUSED)
{
	static const struct known_range range = { 4.9, 5.1, KNOWN_WRONG, "ms", 2 };
	const struct estimate est = { .n = 40,
				      .value = 5.02,
				      .low = 5,
				      .high = 5.04,
				      .level = 0.95,
				      .method = STATS_BOOTSTRAP };
	struct known_table t = { 0 };
	struct buf out = { 0 };
	const char *md;

	known_estimate(known_add(&t, KNOWN_TRUTHS, "service", "5 ms"), &est, &range);
	known_unavailable(&t, KNOWN_PROBER, "eBPF", "100 ns", "no %s", "BTF");
	known_write(&t, &out);
	md = buf_str(&out);
	assert_non_null(strstr(md, "| service | 5 ms | 5.02 ms | 5.00 … 5.04, 95.0 %, "));
	assert_non_null(strstr(md, " | 40 | ok |  |\n"));
	assert_non_null(strstr(md, "| eBPF | 100 ns | unavailable: no BTF | – | – | – | |\n"));
	assert_true(strstr(md, "## The prober") < strstr(md, "| eBPF"));
	assert_true(strstr(md, "## The judgement") > strstr(md, "| eBPF"));
	buf_release(&out);
	known_release(&t);
}

static void a_ratio_is_right_when_its_interval_holds_the_truth(void **state UNUSED)
{
	static const struct {
		double low, high;
		struct known_truth truth;
		enum known_verdict verdict;
	} rows[] = {
		{ 1.03, 1.06, { 1.045, 1.048, true }, KNOWN_OK },
		{ 1.03, 1.04, { 1.045, 1.048, true }, KNOWN_WRONG },
		{ 1.05, 1.06, { 1.045, 1.048, true }, KNOWN_WRONG },
		{ 1.046, 1.06, { 1.045, 1.048, true }, KNOWN_OK },
		{ 0.99, 1.06, { 1.045, 1.048, true }, KNOWN_MISSED },
		{ 0.99, 1.06, { 1, 1, false }, KNOWN_OK },
		{ 1.01, 1.06, { 1, 1, false }, KNOWN_WRONG },
		{ 1.03, 1.06, { NAN, NAN, true }, KNOWN_WRONG },
		{ NAN, NAN, { 1, 1, false }, KNOWN_WRONG },
	};
	struct known_table t = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct estimate est = {
			.n = 12, .value = 1.04, .low = rows[i].low, .high = rows[i].high
		};
		struct known *k = known_add(&t, KNOWN_JUDGEMENT, "what", "goal");

		known_ratio(k, &est, &rows[i].truth);
		assert_int_equal(k->verdict, rows[i].verdict);
	}
	known_release(&t);
}

static void a_difference_is_as_unsure_as_both_that_it_is_made_of(void **state UNUSED)
{
	const struct estimate with = {
		.n = 40, .value = 5.5, .low = 5.25, .high = 6, .level = 0.975
	};
	const struct estimate without = {
		.n = 30, .value = 0.5, .low = 0.25, .high = 0.75, .level = 0.975
	};
	struct estimate d = known_difference(&with, &without);

	assert_int_equal(d.n, 30);
	assert_true(d.value == 5 && d.low == 4.5 && d.high == 5.75);
	assert_true(fabs(d.level - 0.95) < 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_outside_its_range_has_the_verdict_of_its_kind),
		cmocka_unit_test(a_row_says_value_interval_number_and_verdict_or_why_there_is_none),
		cmocka_unit_test(a_ratio_is_right_when_its_interval_holds_the_truth),
		cmocka_unit_test(a_difference_is_as_unsure_as_both_that_it_is_made_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
