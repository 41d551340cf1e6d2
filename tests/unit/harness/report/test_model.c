/* Reports from known values: verdicts, voids, and the way through results.json. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/model.h"
#include "harness/report/render_md.h"
#include "harness/result_json.h"

/* Python against C and C against itself, `n` pairs; C is `times` as fast, with a little noise. */
static void fill(struct result *r, int n, double times, double noise)
{
	int comparisons[2];

	memset(r, 0, sizeof(*r));
	snprintf(r->id, sizeof(r->id), "test");
	r->seed = 1;
	r->complete = true;
	comparisons[0] =
		result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, "python", "c");
	comparisons[1] = result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, "c", "c");
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < n; i++)
			for (int side = 0; side < 2; side++) {
				bool python = c == 0 && side == 0;
				struct run run = { .scenario = "throughput",
						   .phase = "drain",
						   .extractor = EVENT_MOUSE,
						   .comparison = comparisons[c],
						   .pair = i,
						   .side = side ? 'b' : 'a' };
				double wobble = 1 + noise * ((i * 7 + side * 3) % 5 - 2);

				snprintf(run.id, sizeof(run.id), "run-%d-%d-%d", c, i, side);
				snprintf(run.implementation, sizeof(run.implementation), "%s",
					 python ? "python" : "c");
				run_set(&run, METRIC_DRAIN_RATE,
					(python ? 1000 : 1000 * times) * wobble);
				run.instrument.little_ratio = NAN;
				result_add_run(r, &run);
			}
}

static const struct model_ratio *ratio(struct model *m, const struct result *r)
{
	model_build(m, r);
	assert_int_equal(m->n_sections, 1);
	assert_int_equal(m->sections[0].rows[0].metric, METRIC_DRAIN_RATE);
	return &m->sections[0].rows[0].ratios[0];
}

static void verdicts_follow_the_interval_and_the_noise(void **state UNUSED)
{
	static const struct {
		int pairs;
		double times, noise;
		enum verdict expected;
	} rows[] = {
		{ 8, 5, 0.01, VERDICT_BETTER },
		{ 8, 0.5, 0.01, VERDICT_WORSE },
		{ 8, 1, 0.01, VERDICT_NO_DIFFERENCE },
		{ 8, 1.005, 0.01, VERDICT_NO_DIFFERENCE }, /* smaller than A/A shows */
		{ 3, 5, 0.01, VERDICT_TOO_FEW },
	};
	struct model *m = malloc(sizeof(*m));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r;

		fill(&r, rows[i].pairs, rows[i].times, rows[i].noise);
		assert_int_equal(ratio(m, &r)->verdict, rows[i].expected);
		result_release(&r);
	}
	free(m);
}

static void a_void_run_takes_its_pair_out(void **state UNUSED)
{
	struct model *m = malloc(sizeof(*m));
	struct result r;

	fill(&r, 8, 5, 0.01);
	r.runs[0].status = RUN_VOID;
	r.runs[0].metrics[METRIC_DRAIN_RATE].value = 1e9; /* must not count */
	assert_int_equal(ratio(m, &r)->est.n, 7);
	assert_true(m->sections[0].rows[0].cells[0].est.value < 2000);
	for (size_t i = 0; i < r.n_runs; i++)
		r.runs[i].status = RUN_VOID;
	assert_int_equal(ratio(m, &r)->verdict, VERDICT_VOID);
	result_release(&r);
	free(m);
}

static void results_come_back_from_their_json_to_the_byte(void **state UNUSED)
{
	struct result r, again;
	struct buf first = { 0 }, second = { 0 };
	struct err e = ERR_INIT;
	struct trial trial = {
		.search = 1, .rate_per_s = 1e5 / 3, .max_lag_ms = NAN, .held = true
	};

	fill(&r, 7, 1 / 3.0, 0.013);
	r.seed = UINT64_MAX;
	result_add_fact(&r, "host \"x\"", "%s", "line\nbreak");
	ledger_add(&r.runs[2].ledger, "sent", 10, 9, "%s", "dropped");
	run_unavailable(&r.runs[3], METRIC_RSS, "gone");
	snprintf(trial.subject, sizeof(trial.subject), "c-mouse");
	result_add_trial(&r, &trial);
	result_write_json(&r, &first);
	if (result_read_json(&again, first.data, first.len, &e))
		fail_msg("%s", e.text);
	result_write_json(&again, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	result_release(&r);
	result_release(&again);
	buf_release(&first);
	buf_release(&second);
}

static void a_broken_results_file_is_refused_with_its_place(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "not JSON" },
		{ "{\"format\":\"other\"}", "not a results.json" },
		{ "{\"format\":\"seclyzer-bench-results\",\"version\":99}", "version" },
		{ "{\"format\":\"seclyzer-bench-results\",\"version\":1}", "session" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r;
		struct err e = ERR_INIT;

		assert_true(result_read_json(&r, rows[i].text, strlen(rows[i].text), &e) < 0);
		assert_non_null(strstr(e.text, rows[i].expected));
		result_release(&r);
	}
}

static void the_report_says_why_a_run_is_void(void **state UNUSED)
{
	struct model *m = malloc(sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 6, 5, 0.01);
	r.runs[1].status = RUN_VOID;
	snprintf(r.runs[1].why, sizeof(r.runs[1].why), "sent: expected 10, got 9, off by -1");
	model_build(m, &r);
	render_md(m, NULL, "no gnuplot here", &md);
	assert_non_null(
		strstr(buf_str(&md), "`run-0-0-1` void: sent: expected 10, got 9, off by -1"));
	assert_non_null(strstr(buf_str(&md), "Plot unavailable: no gnuplot here"));
	buf_release(&md);
	result_release(&r);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_follow_the_interval_and_the_noise),
		cmocka_unit_test(a_void_run_takes_its_pair_out),
		cmocka_unit_test(results_come_back_from_their_json_to_the_byte),
		cmocka_unit_test(a_broken_results_file_is_refused_with_its_place),
		cmocka_unit_test(the_report_says_why_a_run_is_void),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
