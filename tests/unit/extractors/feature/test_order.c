#include <stdlib.h>

#include "extractors/feature/order.h"
#include "tests/unit/extractors/feature/feature_tests.h"

/* Tags are the order of arrival: sorted and stable means ascending in (t, tag). */
static void assert_in_order(const struct timed *ev, size_t n)
{
	for (size_t i = 1; i < n; i++)
		assert_true(ev[i - 1].t < ev[i].t ||
			    (ev[i - 1].t == ev[i].t && ev[i - 1].tag < ev[i].tag));
}

static void assert_orders(const double *t, size_t n)
{
	struct timed *ev = calloc(n + 1, sizeof(*ev)), *tmp = calloc(n + 1, sizeof(*tmp));
	double sum = 0, sorted_sum = 0;

	for (size_t i = 0; i < n; i++)
		ev[i] = (struct timed){ t[i], (uint32_t)i };
	order_by_time(ev, tmp, n);
	assert_in_order(ev, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(ev[i].t == t[ev[i].tag]); /* each with its own tag, so all are there */
		sum += t[i];
		sorted_sum += ev[i].t;
	}
	assert_near(sorted_sum, sum);
	free(ev);
	free(tmp);
}

static void equal_times_keep_the_order_of_arrival(void **state UNUSED)
{
	static const double rows[][6] = {
		{ 1, 1, 1, 1, 1, 1 }, { 2, 1, 2, 1, 2, 1 }, { 3, 3, 2, 2, 1, 1 },
		{ 1, 2, 3, 3, 2, 1 }, { 1, 2, 3, 4, 5, 6 }, { 6, 5, 4, 3, 2, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t n = 0; n <= 6; n++)
			assert_orders(rows[i], n);
}

/* From a few late events (insertion) to no order at all (radix), narrow and wide ranges. */
static void every_degree_of_disorder_is_sorted(void **state UNUSED)
{
	static const uint64_t ranges_us[] = { 1, 50, 30 * S, 86400 * S, EVENT_TS_MAX };
	static const unsigned late_in[] = { 1, 2, 10, 1000 };
	static double t[4000];
	uint64_t seed = 7;

	for (size_t r = 0; r < sizeof(ranges_us) / sizeof(*ranges_us); r++)
		for (size_t l = 0; l < sizeof(late_in) / sizeof(*late_in); l++) {
			for (size_t i = 0; i < 4000; i++) {
				uint64_t us = ranges_us[r] / 4000 * i + 1;

				if (rnd_below(&seed, late_in[l]) == 0)
					us = 1 + rnd_below(&seed, ranges_us[r]);
				t[i] = (double)us / 1e6;
			}
			assert_orders(t, 4000);
			assert_orders(t, 17);
		}
}

static void a_stream_that_runs_backwards_is_sorted(void **state UNUSED)
{
	static double t[5000];

	for (size_t i = 0; i < 5000; i++)
		t[i] = 1795430000.0 + (double)((5000 - i) / 2);
	assert_orders(t, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_times_keep_the_order_of_arrival),
		cmocka_unit_test(every_degree_of_disorder_is_sorted),
		cmocka_unit_test(a_stream_that_runs_backwards_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
