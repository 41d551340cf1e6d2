/* The load of a duet: where events are, and where none may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/duet_plan.h"

static const struct duet_load rows[] = {
	{ { .rate_hz = 20000, .arrival = ARRIVAL_BURSTS, .burst = 200, .weight = { 1 } },
	  2,
	  0.2,
	  1.5 },
	{ { .rate_hz = 1000, .arrival = ARRIVAL_CONSTANT, .weight = { 15, 60, 0.04 } },
	  1,
	  0.5,
	  0.3 },
	{ { .rate_hz = 100, .arrival = ARRIVAL_BURSTS, .burst = 1, .weight = { 0, 1 } },
	  0.1,
	  0.01,
	  0.1 },
};

static struct plan *build(const struct duet_load *load, enum event_type type)
{
	struct err e = ERR_INIT;
	struct plan *plan = NULL;

	assert_int_equal(duet_plan_build(load, type, 7, &plan, &e), 0);
	return plan;
}

static size_t n_between(const struct plan *plan, double from_s, double to_s)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		double s = (double)plan->entries[i].due_ns / 1e9;

		n += s >= from_s && s < to_s;
	}
	return n;
}

static void both_samples_stand_in_pauses(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct duet_times t = duet_times(&rows[i]);
		struct plan *plan = build(&rows[i], EVENT_KEYSTROKE);
		double settle_s = rows[i].settle_s;

		assert_true(t.from_s < t.load_from_s);
		assert_int_equal(n_between(plan, t.from_s - 0.85 * settle_s, t.load_from_s - 1e-6),
				 0);
		assert_int_equal(n_between(plan, t.sentinel_s + 1e-6, t.end_s + 1000), 0);
		assert_true(t.end_s - t.sentinel_s > 0.99 * settle_s);
		plan_free(plan);
	}
}

static void the_warm_up_is_outside_and_longer_than_an_update_interval(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct duet_times t = duet_times(&rows[i]);
		struct plan *plan = build(&rows[i], EVENT_KEYSTROKE);

		assert_true(n_between(plan, rows[i].update_interval_s, t.from_s) > 0);
		plan_free(plan);
	}
}

static void
the_load_has_its_rate_and_the_sentinel_is_one_event_of_the_extractors(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int type = 0; type < EVENT_TYPES; type++) {
			struct duet_times t = duet_times(&rows[i]);
			struct plan *plan = build(&rows[i], (enum event_type)type);
			size_t expected = (size_t)(rows[i].lane.rate_hz * rows[i].seconds + 0.5);

			assert_in_range(n_between(plan, t.from_s, t.sentinel_s - 1e-6),
					expected - 1, expected + (size_t)rows[i].lane.burst);
			assert_int_equal(n_between(plan, t.sentinel_s - 1e-6, t.end_s), 1);
			assert_int_equal(plan_type(plan, plan->n - 1), type);
			assert_true(t.sentinel_s - t.load_from_s - rows[i].seconds >
				    rows[i].update_interval_s);
			plan_free(plan);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_samples_stand_in_pauses),
		cmocka_unit_test(the_warm_up_is_outside_and_longer_than_an_update_interval),
		cmocka_unit_test(
			the_load_has_its_rate_and_the_sentinel_is_one_event_of_the_extractors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
