/* The plans of latency: a fill, then triggers at a distance, with or without other events. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/latency_plan.h"
#include "harness/oracle/oracle.h"

#define TRIGGERS 40

static const struct scenario scenario = {
	.update_interval_s = 0.003,
	.interval_us_per_event = 0.3,
	.other_rate_hz = 1000,
};
static const struct scenario_size size = { .triggers = TRIGGERS };

static struct plan *build(enum event_type type, const struct latency_shape *shape, uint64_t seed)
{
	struct plan *p = NULL;

	assert_int_equal(latency_plan_build(&p, &scenario, &size, type, shape, seed, NULL), 0);
	return p;
}

static void the_fill_comes_first_and_triggers_follow_at_one_distance(void **state UNUSED)
{
	for (int t = 0; t < EVENT_TYPES; t++)
		for (size_t i = 0; i < LATENCY_SHAPES; i++) {
			const struct latency_shape *shape = &latency_shapes[i];
			enum event_type type = (enum event_type)t;
			size_t fill = latency_fill_events(&size, type, shape), k = 0;
			double gap_ns = 1e9 * latency_gap_s(&scenario, type, shape);
			struct plan *p = build(type, shape, 1);

			assert_int_equal(p->per_type[type], fill + TRIGGERS + LATENCY_WARM);
			assert_int_equal(p->n > p->per_type[type], shape->busy);
			for (size_t e = 0; e < fill; e++)
				assert_int_equal(plan_type(p, e), type);
			/* the very next one is the first trigger: pacing begins there */
			assert_int_equal(plan_type(p, fill), type);
			for (size_t e = fill; e < p->n; e++) {
				int64_t since_ns = p->entries[e].due_ns - p->entries[fill].due_ns;

				if (plan_type(p, e) == type)
					assert_true(llabs(since_ns -
							  (int64_t)(gap_ns * (double)k++)) <= 1);
			}
			assert_int_equal(k, TRIGGERS + LATENCY_WARM);
			plan_free(p);
		}
}

static void fills_are_the_share_of_the_buffer_in_the_mean_over_the_triggers(void **state UNUSED)
{
	static const struct {
		const char *shape;
		enum event_type type;
		size_t fill;
		double interval_s;
	} rows[] = {
		{ "alone-full", EVENT_KEYSTROKE, 10000, 0.006 },
		{ "busy-full", EVENT_MOUSE, 50000, 0.018 },
		{ "alone-full", EVENT_APP, 1000, 0.003 },
		{ "alone-10pct", EVENT_KEYSTROKE, 1000 - TRIGGERS / 2, 0.0033 },
		{ "busy-50pct", EVENT_MOUSE, 25000 - TRIGGERS / 2, 0.0105 },
		{ "alone-10pct", EVENT_APP, 100 - TRIGGERS / 2, 0.003 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct latency_shape *shape = latency_shape_find(rows[i].shape);

		assert_non_null(shape);
		assert_int_equal(latency_fill_events(&size, rows[i].type, shape), rows[i].fill);
		assert_float_equal(latency_interval_s(&scenario, rows[i].type, shape),
				   rows[i].interval_s, 1e-12);
	}
}

/* Else it would not be answered. */
static void every_trigger_of_app_is_a_transition(void **state UNUSED)
{
	for (size_t i = 0; i < LATENCY_SHAPES; i++)
		for (uint64_t seed = 1; seed <= 3; seed++) {
			struct plan *p = build(EVENT_APP, &latency_shapes[i], seed);
			struct oracle_app *app = oracle_app_new(false);
			struct feature_msg unused;
			struct event event;
			size_t n = 0;

			for (size_t e = 0; e < p->n; e++)
				if (plan_type(p, e) == EVENT_APP) {
					plan_event(p, e, &event);
					n += oracle_app_event(app, &event, &unused);
				}
			assert_int_equal(n, p->per_type[EVENT_APP] - 1);
			oracle_app_free(app);
			plan_free(p);
		}
}

static void other_events_come_at_their_rate_and_keep_no_step_with_the_triggers(void **state UNUSED)
{
	const struct latency_shape *shape = latency_shape_find("busy-full");
	double seconds = (TRIGGERS + LATENCY_WARM) * latency_gap_s(&scenario, EVENT_MOUSE, shape);
	struct plan *p = build(EVENT_MOUSE, shape, 1);
	size_t others = p->n - p->per_type[EVENT_MOUSE], same = 0;

	assert_true((double)others > 0.9 * 1000 * seconds && (double)others < 1.1 * 1000 * seconds);
	for (size_t e = 1; e < p->n; e++)
		same += p->entries[e].due_ns == p->entries[e - 1].due_ns &&
			plan_type(p, e) != plan_type(p, e - 1);
	assert_int_equal(same, 0);
	plan_free(p);
}

static void a_word_that_is_no_phase_is_named(void **state UNUSED)
{
	struct err e = ERR_INIT;

	assert_int_equal(latency_shapes_check("phases", " alone-full  busy-10pct ", &e), 0);
	assert_int_equal(latency_shapes_check("phases", "alone-full alone-fuller", &e), -EINVAL);
	assert_non_null(strstr(e.text, "\"alone-fuller\" is none of alone-10pct, alone-50pct"));
	assert_true(
		latency_shape_listed(" alone-full  busy-10pct ", latency_shape_find("busy-10pct")));
	assert_false(latency_shape_listed("alone-full", latency_shape_find("alone-10pct")));
	assert_false(latency_shape_listed("", latency_shape_find("alone-10pct")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fill_comes_first_and_triggers_follow_at_one_distance),
		cmocka_unit_test(fills_are_the_share_of_the_buffer_in_the_mean_over_the_triggers),
		cmocka_unit_test(every_trigger_of_app_is_a_transition),
		cmocka_unit_test(
			other_events_come_at_their_rate_and_keep_no_step_with_the_triggers),
		cmocka_unit_test(a_word_that_is_no_phase_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
