/* Clocks, and the one way a time is written. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/compiler.h"
#include "extractors/base/rng.h"

static void times_are_written_like_pythons_isoformat(void **state UNUSED)
{
	static const struct {
		int64_t us;
		const char *expected;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00+00:00" },
		{ 1, "1970-01-01T00:00:00.000001+00:00" },
		{ 999999, "1970-01-01T00:00:00.999999+00:00" },
		{ 1795547434278528, "2026-11-24T19:10:34.278528+00:00" },
		{ 1795547434000000, "2026-11-24T19:10:34+00:00" },
		{ 1709164800000000, "2024-02-29T00:00:00+00:00" },
		{ 4102444800000000, "2100-01-01T00:00:00+00:00" },
		{ -1, "1969-12-31T23:59:59.999999+00:00" },
		{ -1000000, "1969-12-31T23:59:59+00:00" },
		{ INT64_MAX, "294247-01-10T04:00:54.775807+00:00" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[CLOCK_ISO_MAX];

		assert_int_equal(clock_format_iso(out, rows[i].us), strlen(rows[i].expected));
		assert_string_equal(out, rows[i].expected);
	}
}

static void hours_are_utc_and_change_on_the_hour(void **state UNUSED)
{
	static const struct {
		int64_t us;
		int expected;
	} rows[] = {
		{ 0, 0 },
		{ 3599999999, 0 },
		{ 3600000000, 1 },
		{ 86399999999, 23 },
		{ 86400000000, 0 },
		{ 1795547434278528, 19 },
		{ -1, 23 },
		{ -3600000000, 23 },
		{ -3600000001, 22 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(clock_utc_hour(rows[i].us), rows[i].expected);
}

static void the_hour_is_that_of_the_written_time(void **state UNUSED)
{
	struct rng rng;

	rng_init(&rng, 5, 0);
	for (int i = 0; i < 100000; i++) {
		int64_t us = (int64_t)rng_below(&rng, 4102444800000000);
		char out[CLOCK_ISO_MAX];

		clock_format_iso(out, us);
		assert_int_equal((out[11] - '0') * 10 + out[12] - '0', clock_utc_hour(us));
	}
}

static void the_monotonic_clock_never_goes_back(void **state UNUSED)
{
	int64_t last = clock_mono_ns();

	for (int i = 0; i < 100000; i++) {
		int64_t now = clock_mono_ns();

		assert_true(now >= last);
		last = now;
	}
}

static void the_wall_clock_counts_microseconds(void **state UNUSED)
{
	time_t before = time(NULL);
	int64_t us = clock_wall_us();

	assert_true(us / US_PER_S >= before && us / US_PER_S <= time(NULL));
}

static void a_sleep_ends_at_its_time_and_not_before(void **state UNUSED)
{
	int64_t start = clock_mono_ns(), due = start + 3 * NS_PER_MS;

	clock_sleep_until_ns(due);
	assert_true(clock_mono_ns() >= due);
	clock_sleep_until_ns(start);
	clock_sleep_until_ns(0);
	clock_sleep_until_ns(-5);
}

static void a_sleeping_thread_uses_no_cpu_time(void **state UNUSED)
{
	int64_t cpu = clock_thread_cpu_ns();

	clock_sleep_until_ns(clock_mono_ns() + 20 * NS_PER_MS);
	cpu = clock_thread_cpu_ns() - cpu;
	assert_true(cpu >= 0 && cpu < 10 * NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_like_pythons_isoformat),
		cmocka_unit_test(hours_are_utc_and_change_on_the_hour),
		cmocka_unit_test(the_hour_is_that_of_the_written_time),
		cmocka_unit_test(the_monotonic_clock_never_goes_back),
		cmocka_unit_test(the_wall_clock_counts_microseconds),
		cmocka_unit_test(a_sleep_ends_at_its_time_and_not_before),
		cmocka_unit_test(a_sleeping_thread_uses_no_cpu_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
