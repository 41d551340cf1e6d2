/* Latency in a report: merged percentiles, what is not stated, the goal, and the way through JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/mem.h"
#include "harness/report/latency.h"
#include "harness/report/render_latency.h"
#include "harness/result_json.h"
#include "tests/unit/harness/report/report_text.h"

#define US 1000

/* `n` samples of base + 1 … base + n us, service 1 us less; and the CPU time of a trigger. */
static struct run *add(struct result *r, int comparison, char side, const char *implementation,
		       int base_us, size_t n, double cpu_us)
{
	struct run run = { .scenario = "latency",
			   .phase = "alone-full",
			   .extractor = EVENT_MOUSE,
			   .comparison = comparison,
			   .side = side };

	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run.latency.n = n;
	run.latency.response_ns = mem_calloc(n + 1, sizeof(int64_t));
	run.latency.service_ns = mem_calloc(n + 1, sizeof(int64_t));
	for (size_t i = 0; i < n; i++) {
		run.latency.response_ns[i] = (base_us + (int64_t)i + 1) * US;
		run.latency.service_ns[i] = run.latency.response_ns[i] - US;
	}
	run_set(&run, METRIC_CPU_PER_TRIGGER, cpu_us);
	return result_add_run(r, &run);
}

static void set(struct result *r, int c_base_us, size_t n)
{
	int comparison;

	memset(r, 0, sizeof(*r));
	snprintf(r->id, sizeof(r->id), "test");
	r->seed = 1;
	r->complete = true;
	comparison = result_add_comparison(r, "latency", "alone-full", EVENT_MOUSE, "relay", "c");
	add(r, comparison, 'a', "relay", 0, n, 10);
	add(r, comparison, 'b', "c", c_base_us, n, 60);
}

static void write_latency(const struct model *m, struct buf *md)
{
	struct doc *d = doc_new(&doc_markdown, "t", md);

	render_latency(m->latency, d);
	doc_end(d);
}

static const struct latency_section *only_section(struct model *m, const struct result *r)
{
	model_build(m, r);
	assert_non_null(m->latency);
	assert_int_equal(m->latency->n, 1);
	return &m->latency->sections[0];
}

static const struct latency_percentile *response(const struct latency_section *s, size_t cell,
						 int which)
{
	return &s->cells[cell].p[LATENCY_RESPONSE][which];
}

static void percentiles_are_of_the_merged_runs_by_nearest_rank(void **state UNUSED)
{
	struct model m;
	struct result r;
	const struct latency_section *s;

	set(&r, 0, 500);
	add(&r, 0, 'a', "relay", 500, 500, 10); /* with the first one: 1 … 1000 us */
	add(&r, 0, 'a', "relay", 0, 500, 10)->status = RUN_VOID;
	s = only_section(&m, &r);
	assert_string_equal(s->cells[0].implementation, "relay"); /* the floor first */
	assert_int_equal(s->cells[0].runs, 2);
	assert_int_equal(hist_count(s->cells[0].hist[LATENCY_RESPONSE]), 1000);
	/* within the histogram's 0.1 % */
	assert_float_equal(response(s, 0, LATENCY_P50)->value_us, 500, 0.5);
	assert_float_equal(response(s, 0, LATENCY_P99)->value_us, 990, 1);
	assert_float_equal(s->cells[0].p[LATENCY_SERVICE][LATENCY_P99].value_us, 989, 1);
	/* ranks 469 and 532 hold the median of 1,000 */
	assert_float_equal(response(s, 0, LATENCY_P50)->low_us, 469, 0.5);
	assert_float_equal(response(s, 0, LATENCY_P50)->high_us, 532, 0.6);
	assert_false(response(s, 0, LATENCY_P999)->there);
	assert_int_equal(response(s, 0, LATENCY_P999)->needs, 3688);
	model_release(&m);
	result_release(&r);
}

static void what_is_above_the_range_is_counted_and_never_clamped(void **state UNUSED)
{
	struct buf md = { 0 };
	struct model m;
	struct result r;
	const struct latency_section *s;

	set(&r, 0, 400);
	for (size_t i = 390; i < 400; i++)
		r.runs[0].latency.response_ns[i] = HIST_HOUR_NS + 1;
	s = only_section(&m, &r);
	assert_int_equal(hist_overflow(s->cells[0].hist[LATENCY_RESPONSE]), 10);
	assert_true(isinf(response(s, 0, LATENCY_P99)->value_us));
	write_latency(&m, &md);
	assert_non_null(strstr(buf_str(&md), "| response p99 | µs | above the range ["));
	assert_non_null(strstr(buf_str(&md), "an hour | | 10 | 0 |"));
	buf_release(&md);
	model_release(&m);
	result_release(&r);
}

/* The relay's p99 of 1 … 1,000 us is 990, with ranks 982 and 996; extraction is 60 - 10 us. */
static void the_goal_is_met_or_missed_only_with_both_intervals(void **state UNUSED)
{
	static const struct {
		int base_us;
		enum latency_verdict expected;
	} rows[] = {
		{ 0, LATENCY_MET },
		{ 130, LATENCY_MET },	    /* 1126 at most <= 982 + 150 */
		{ 150, LATENCY_UNDECIDED }, /* 1140 against 1140 */
		{ 170, LATENCY_MISSED },    /* 1152 at least > 996 + 150 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct model m;
		struct result r;
		const struct latency_goal *g;

		set(&r, rows[i].base_us, 1000);
		/* a second run of each, so that the CPU times have an interval */
		add(&r, 0, 'a', "relay", 0, 0, 10)->pair = 1;
		add(&r, 0, 'b', "c", 0, 0, 60)->pair = 1;
		g = only_section(&m, &r)->goals;
		assert_int_equal(m.latency->sections[0].n_goals, 1);
		assert_string_equal(g->implementation, "c");
		assert_null(g->why);
		assert_float_equal(g->extraction_us, 50, 1e-9);
		assert_int_equal(g->verdict, rows[i].expected);
		model_release(&m);
		result_release(&r);
	}
}

static void a_goal_that_cannot_be_told_says_why(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct buf md = { 0 };

	set(&r, 0, 100);
	only_section(&m, &r);
	write_latency(&m, &md);
	assert_non_null(strstr(buf_str(&md), "unavailable: too few samples for its p99.\n"));
	assert_non_null(strstr(buf_str(&md), "unavailable: 100 samples, it needs 368"));
	model_release(&m);
	result_release(&r);

	buf_reset(&md);
	set(&r, 0, 400);
	run_unavailable(&r.runs[0], METRIC_CPU_PER_TRIGGER, "no schedstat");
	only_section(&m, &r);
	write_latency(&m, &md);
	assert_non_null(strstr(
		buf_str(&md), "unavailable: its CPU time per trigger or the relay's is not known"));
	buf_release(&md);
	model_release(&m);
	result_release(&r);
}

static void without_samples_there_is_no_such_part(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct buf md = { 0 };

	set(&r, 0, 0);
	model_build(&m, &r);
	assert_null(m.latency);
	report_text(&m, "none", &md);
	assert_null(strstr(buf_str(&md), "Latency by percentile"));
	buf_release(&md);
	model_release(&m);
	result_release(&r);
}

static void samples_survive_results_json(void **state UNUSED)
{
	static const char *const bad[][2] = {
		{ "\"service_ns\":[0,", "\"service_ns\":[" },
		{ "\"service_ns\":[0,", "\"service_ns\":[0.5," },
		{ "\"response_ns\":[", "\"response\":[" },
	};
	struct buf json = { 0 }, again = { 0 };
	struct result r, back;
	struct err e = ERR_INIT;

	set(&r, 7, 3);
	result_write_json(&r, &json);
	assert_non_null(strstr(buf_str(&json), "\"latency\":{\"response_ns\":[8000,9000,10000],"
					       "\"service_ns\":[7000,8000,9000]}"));
	assert_int_equal(result_read_json(&back, json.data, json.len, &e), 0);
	result_write_json(&back, &again);
	assert_string_equal(buf_str(&json), buf_str(&again));
	result_release(&back);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *at = strstr(buf_str(&json), bad[i][0]);

		assert_non_null(at);
		buf_reset(&again);
		buf_add(&again, json.data, (size_t)(at - json.data));
		buf_add_str(&again, bad[i][1]);
		buf_add_str(&again, at + strlen(bad[i][0]));
		err_reset(&e);
		assert_true(result_read_json(&back, again.data, again.len, &e) < 0);
		assert_non_null(strstr(e.text, "latency: "));
		result_release(&back);
	}
	buf_release(&json);
	buf_release(&again);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_of_the_merged_runs_by_nearest_rank),
		cmocka_unit_test(what_is_above_the_range_is_counted_and_never_clamped),
		cmocka_unit_test(the_goal_is_met_or_missed_only_with_both_intervals),
		cmocka_unit_test(a_goal_that_cannot_be_told_says_why),
		cmocka_unit_test(without_samples_there_is_no_such_part),
		cmocka_unit_test(samples_survive_results_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
