/* The list of figures: whose they are, of which runs, and why one is not there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/export/values.h"
#include "tests/unit/harness/export/fixture.h"

static const struct export_value *find(const struct export_values *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++) {
		struct buf b = { 0 };
		bool same;

		value_name(all, &all->v[i], &b);
		same = !strcmp(buf_str(&b), name);
		buf_release(&b);
		if (same)
			return &all->v[i];
	}
	return NULL;
}

static void only_runs_that_count_give_values(void **state UNUSED)
{
	struct fixture f;
	struct export_values all;
	const struct export_value *v;

	fixture_fill(&f.r, "c");
	fixture_start(&f.r, "c", 9, 'b', 5)->status = RUN_DISTURBED;
	model_build(&f.m, &f.r);
	values_build(&all, &f.m);
	v = find(&all, "startup/warm/keystroke/c/ready_ms");
	assert_non_null(v);
	assert_null(v->why);
	assert_int_equal(v->n_samples, FIXTURE_PAIRS);
	for (size_t i = 0; i < v->n_samples; i++) {
		assert_float_equal(v->samples[i], 2 + (float)i / 4, 1e-12);
		assert_string_equal(v->runs[i]->implementation, "c");
	}
	assert_float_equal(v->est.value, 2.875, 1e-12);
	assert_true(value_has_interval(v));
	assert_int_equal(v->better, LOWER_IS_BETTER);
	assert_string_equal(v->unit->name, "ms");
	values_release(&all);
	fixture_release(&f);
}

static void what_is_not_there_says_why_and_is_counted(void **state UNUSED)
{
	struct fixture f;
	struct export_values all;
	const struct export_value *v;
	size_t unavailable = 0;

	fixture_init(&f, "c");
	values_build(&all, &f.m);
	v = find(&all, "startup/warm/keystroke/c/wakeups_idle_per_s");
	assert_non_null(v);
	assert_non_null(v->why);
	assert_false(v->is_bound);
	/* nothing is said of 50 samples' p99 */
	assert_non_null(find(&all, "latency/alone-full/mouse/c/response_merged_p99_us")->why);
	assert_null(find(&all, "latency/alone-full/mouse/c/response_merged_p50_us")->why);
	for (size_t i = 0; i < all.n; i++)
		unavailable += all.v[i].why && !all.v[i].is_bound;
	assert_int_equal(all.unavailable, unavailable);
	values_release(&all);
	fixture_release(&f);
}

static void a_lower_bound_is_no_value(void **state UNUSED)
{
	struct fixture f;
	struct export_values all;
	const struct export_value *v;

	fixture_init(&f, "c");
	values_build(&all, &f.m);
	v = find(&all, "throughput/drain/app/python/sustained_events_per_s");
	assert_non_null(v);
	assert_true(v->is_bound && v->why);
	assert_true(
		find(&all, "throughput/drain/app/python:c/sustained_events_per_s_ratio")->is_bound);
	assert_int_equal(all.bounds, 2);
	v = find(&all, "throughput/drain/app/c/sustained_events_per_s");
	assert_null(v->why);
	assert_int_equal(v->n_samples, 1);
	assert_float_equal(v->samples[0], 50000, 0);
	values_release(&all);
	fixture_release(&f);
}

static void ratios_are_figures_and_a_subject_against_itself_is_none(void **state UNUSED)
{
	struct fixture f;
	struct export_values all;
	const struct export_value *v;

	fixture_fill(&f.r, "c");
	result_add_comparison(&f.r, "startup", "warm", EVENT_KEYSTROKE, "c", "c");
	model_build(&f.m, &f.r);
	values_build(&all, &f.m);
	v = find(&all, "startup/warm/keystroke/python:c/ready_ms_ratio");
	assert_non_null(v);
	assert_null(v->why);
	assert_true(v->est.value > 0.009 && v->est.value < 0.02);
	assert_int_equal(v->n_samples, 0);
	assert_null(find(&all, "startup/warm/keystroke/c:c/ready_ms_ratio"));
	/* no ratio of zeros */
	assert_non_null(find(&all, "startup/warm/keystroke/python:c/page_faults_ratio")->why);
	values_release(&all);
	fixture_release(&f);
}

static void parts_of_names_can_be_told_again(void **state UNUSED)
{
	struct fixture f;
	struct export_values all;

	fixture_init(&f, FIXTURE_HOSTILE_B);
	values_build(&all, &f.m);
	assert_non_null(
		find(&all, "startup/warm/keystroke/q\"<&>|,=%2F%25\\%C3%A9%20%FF/ready_ms"));
	values_release(&all);
	fixture_release(&f);
}

static void a_number_that_is_none_is_not_there(void **state UNUSED)
{
	static const double rows[] = { NAN, INFINITY, -INFINITY };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fixture f;
		struct export_values all;

		fixture_fill(&f.r, "c");
		run_set(&f.r.runs[3], METRIC_READY, rows[i]); /* of c */
		model_build(&f.m, &f.r);
		values_build(&all, &f.m);
		assert_non_null(find(&all, "startup/warm/keystroke/c/ready_ms")->why);
		assert_null(find(&all, "startup/warm/keystroke/python/ready_ms")->why);
		values_release(&all);
		fixture_release(&f);
	}
}

static void every_metric_has_a_unit(void **state UNUSED)
{
	static const struct {
		const char *key, *unit;
		enum value_kind kind;
	} rows[] = {
		{ "cpu_ns_per_event", "ns/event", VALUE_TIME },
		{ "cpu_1000_per_s_pct", "%", VALUE_PERCENT },
		{ "drain_events_per_s", "events/s", VALUE_OTHER },
		{ "growth_bytes_per_1000_events", "bytes/1000 events", VALUE_OTHER },
		{ "growth_bytes_per_1000_events_ratio", "B/A", VALUE_OTHER },
		{ "peak_rss_bytes", "bytes", VALUE_BYTES },
		{ "page_faults", "count", VALUE_COUNT },
		{ "instructions_per_event", "1/event", VALUE_OTHER },
		{ "leak_bytes_per_h", "bytes/h", VALUE_OTHER },
	};
	static const int counts[] = { METRIC_FAULTS, METRIC_EXTRACT_FEATURES, METRIC_RECONNECTS };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_string_equal(value_unit_of(rows[i].key)->name, rows[i].unit);
		assert_int_equal(value_unit_of(rows[i].key)->kind, rows[i].kind);
	}
	for (int id = 0; id < METRICS; id++) {
		bool is_count = false;

		for (size_t k = 0; k < ARRAY_SIZE(counts); k++)
			is_count |= counts[k] == id;
		if ((value_unit_of(metrics[id].key)->kind == VALUE_COUNT) != is_count)
			fail_msg("%s: what is its unit?", metrics[id].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_runs_that_count_give_values),
		cmocka_unit_test(what_is_not_there_says_why_and_is_counted),
		cmocka_unit_test(a_lower_bound_is_no_value),
		cmocka_unit_test(ratios_are_figures_and_a_subject_against_itself_is_none),
		cmocka_unit_test(parts_of_names_can_be_told_again),
		cmocka_unit_test(a_number_that_is_none_is_not_there),
		cmocka_unit_test(every_metric_has_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
