/* Runs over time in a picture: which run stands for all, what the rates are, what idling looks like. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/render_timeline.h"
#include "harness/report/timelines.h"

/* A run of C whose first metric is `ns`; its timeline's second row has that much CPU time more. */
static struct run *add_run(struct result *r, int pair, const char *implementation, double ns,
			   bool with_timeline)
{
	struct run run = {
		.scenario = "cpu", .phase = "cpu", .extractor = EVENT_APP, .pair = pair
	};
	struct timeline t;

	snprintf(run.id, sizeof(run.id), "app-cpu-00-%d-%s", pair, implementation);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run_set(&run, METRIC_CPU_PER_EVENT, ns);
	if (with_timeline) {
		timeline_init(&t, run.id, 0.1);
		timeline_add_stage(&t, "idle", 0.5);
		timeline_add_stage(&t, "1000/s", 0.52);
		timeline_add(&t, &(struct timeline_row){ 0.1, 2e6, 1e6, 0 });
		timeline_add(&t, &(struct timeline_row){ 0.3, 3e6, 1e6 + ns, NAN });
		timeline_add(&t, &(struct timeline_row){ 0.4, NAN, 1e6 + ns, 5e5 });
		result_add_timeline(r, &t);
	}
	return result_add_run(r, &run);
}

static void fill(struct result *r)
{
	memset(r, 0, sizeof(*r));
	result_add_comparison(r, "cpu", "cpu", EVENT_APP, "python", "c");
}

static void the_median_run_of_those_that_count_and_were_kept_stands_for_all(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct timelines t;

	fill(&r);
	add_run(&r, 0, "c", 9e5, true);
	add_run(&r, 1, "c", 1e5, true);
	add_run(&r, 2, "c", 5e5, true);
	add_run(&r, 3, "c", 2e5, false);
	add_run(&r, 4, "c", 3e5, true)->status = RUN_VOID;
	add_run(&r, 5, "c", 7e5, true); /* of four the lower one in the middle */
	add_run(&r, 6, "python", 8e5, false);
	model_build(&m, &r);
	timelines_build(&t, &m, "cpu");
	assert_int_equal(t.n, 1);
	assert_int_equal(t.panels[0].n, 1); /* of Python none was kept */
	assert_string_equal(t.panels[0].curves[0].run->id, "app-cpu-00-2-c");
	timelines_release(&t);
	model_release(&m);
	result_release(&r);
}

static void equal_runs_are_told_apart_by_their_order(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct timelines t;

	fill(&r);
	for (int i = 0; i < 3; i++)
		add_run(&r, i, "c", 1e5, true);
	model_build(&m, &r);
	timelines_build(&t, &m, "cpu");
	assert_string_equal(t.panels[0].curves[0].run->id, "app-cpu-00-1-c");
	timelines_release(&t);
	model_release(&m);
	result_release(&r);
}

static void rates_are_between_rows_and_missing_ones_are_left_out(void **state UNUSED)
{
	static const struct timeline_point cpu[] = { { 0.2, 0.25 }, { 0.35, 0 } };
	static const struct timeline_point rss[] = { { 0.1, 2 }, { 0.3, 3 } };
	const struct timeline_curve *c;
	struct model m;
	struct result r;
	struct timelines t;

	fill(&r);
	add_run(&r, 0, "c", 5e5, true); /* 0.5 ms in 0.2 s */
	model_build(&m, &r);
	timelines_build(&t, &m, "cpu");
	c = &t.panels[0].curves[0];
	assert_int_equal(c->n[TIMELINE_RSS], 2);
	assert_int_equal(c->n[TIMELINE_CPU], 2);
	assert_int_equal(c->n[TIMELINE_WAIT], 0); /* neither row has a known one before it */
	for (int i = 0; i < 2; i++) {
		assert_true(fabs(c->v[TIMELINE_CPU][i].at_s - cpu[i].at_s) < 1e-9);
		assert_true(fabs(c->v[TIMELINE_CPU][i].value - cpu[i].value) < 1e-9);
		assert_true(fabs(c->v[TIMELINE_RSS][i].at_s - rss[i].at_s) < 1e-9);
		assert_true(fabs(c->v[TIMELINE_RSS][i].value - rss[i].value) < 1e-9);
	}
	assert_true(t.panels[0].end_s == 0.52);
	timelines_release(&t);
	model_release(&m);
	result_release(&r);
}

static void the_script_has_the_line_its_stages_and_idling_at_the_bottom(void **state UNUSED)
{
	struct buf out = { 0 };
	struct model m;
	struct result r;
	const char *gp;

	fill(&r);
	add_run(&r, 0, "c", 5e5, true);
	model_build(&m, &r);
	assert_true(render_timeline(&m, "cpu", "svg", "timeline-cpu.svg", &out));
	gp = buf_str(&out);
	assert_non_null(strstr(gp, "$line_0_0_0 << EOD\n0.1 2\n0.3 3\nEOD\n"));
	assert_non_null(strstr(gp, "$line_0_1_0 << EOD\n0.2 0.25\n0.35 0.01\nEOD\n"));
	assert_non_null(strstr(gp, "set ytics (\"≤ 0.01\" 0.01, "));
	assert_non_null(strstr(gp, "rectangle from 0.5, graph 0 to 0.52, graph 1 behind"));
	assert_non_null(strstr(gp, "set label \"idle\" at screen"));
	assert_null(strstr(gp, "1000/s")); /* its band is narrower than its name */
	assert_null(strstr(gp, "run-queue wait"));
	assert_non_null(strstr(gp, "set xrange [0:0.52]\n"));
	buf_reset(&out);
	assert_false(render_timeline(&m, "memory", "svg", "timeline-memory.svg", &out));
	buf_release(&out);
	model_release(&m);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_median_run_of_those_that_count_and_were_kept_stands_for_all),
		cmocka_unit_test(equal_runs_are_told_apart_by_their_order),
		cmocka_unit_test(rates_are_between_rows_and_missing_ones_are_left_out),
		cmocka_unit_test(the_script_has_the_line_its_stages_and_idling_at_the_bottom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
