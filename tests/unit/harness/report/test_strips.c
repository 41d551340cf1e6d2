/* Pairs in a picture: which dots, which band, which panels where there is no room for all. */
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
#include "harness/report/render_pairs.h"
#include "harness/report/strips.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

/* `n` pairs; B/A of the k-th is `times` * (1 + k / 1000). */
static int add_pairs(struct result *r, const char *phase, enum event_type type, const char *a,
		     const char *b, int n, double times, enum metric_id id)
{
	int comparison = result_add_comparison(r, "small", phase, type, a, b);

	r->comparisons[comparison].pairs_planned = n;
	for (int i = 0; i < 2 * n; i++) {
		struct run run = { .scenario = "small",
				   .extractor = type,
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = i & 1 ? 'b' : 'a' };

		snprintf(run.phase, sizeof(run.phase), "%s", phase);
		snprintf(run.implementation, sizeof(run.implementation), "%s", i & 1 ? b : a);
		run_set(&run, id, i & 1 ? 4 * times * (1 + i / 2 / 1000.0) : 4);
		result_add_run(r, &run);
	}
	return comparison;
}

/* C and Python, and C against itself. */
static void fill(struct result *r, int n)
{
	memset(r, 0, sizeof(*r));
	r->seed = 1;
	add_pairs(r, "drain", EVENT_MOUSE, "python", "c", n, 0.25, METRIC_CPU_PER_EVENT);
	add_pairs(r, "drain", EVENT_MOUSE, "c", "c", n, 1, METRIC_CPU_PER_EVENT);
}

static struct run *run_of(struct result *r, int comparison, int pair, char side)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == comparison && r->runs[i].pair == pair &&
		    r->runs[i].side == side)
			return &r->runs[i];
	return NULL;
}

static void
a_strip_has_every_pair_in_its_order_and_the_noise_to_hold_it_against(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct strips s;

	fill(&r, 8);
	model_build(&m, &r);
	strips_build(&s, &m, "small");
	assert_int_equal(s.n, 1);
	assert_int_equal(s.left_out, 0);
	assert_int_equal(s.panels[0].metric, METRIC_CPU_PER_EVENT);
	assert_int_equal(s.panels[0].n, 2);
	for (int k = 0; k < 2; k++) {
		const struct strip *x = &s.panels[0].strips[k];

		assert_int_equal(x->n_dots, 8);
		for (size_t i = 0; i < 8; i++) {
			assert_near(x->dots[i].ratio, (k ? 1 : 0.25) * (1 + (double)i / 1000));
			assert_false(x->dots[i].disturbed);
		}
		assert_true(x->range.low < x->dots[0].ratio && x->range.high > 1);
		/* eight pairs of 1.000 to 1.007: their range is the interval at 99 % */
		assert_near(x->ratio->noise.low, 1);
		assert_near(x->ratio->noise.high, 1.007);
	}
	strips_release(&s);
	model_release(&m);
	result_release(&r);
}

static void disturbed_pairs_are_there_and_marked_and_void_ones_are_not(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct strips s;

	fill(&r, 8);
	run_of(&r, 0, 2, 'a')->status = RUN_DISTURBED;
	run_of(&r, 0, 3, 'b')->status = RUN_VOID;
	model_build(&m, &r);
	strips_build(&s, &m, "small");
	assert_int_equal(s.panels[0].strips[0].n_dots, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(s.panels[0].strips[0].dots[i].disturbed, i == 2);
	assert_near(s.panels[0].strips[0].dots[3].ratio, 0.25 * 1.004);
	assert_int_equal(s.panels[0].strips[0].ratio->est.n, 6);
	strips_release(&s);
	model_release(&m);
	result_release(&r);
}

static void of_very_many_pairs_every_kth_is_drawn(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct strips s;

	memset(&r, 0, sizeof(r));
	add_pairs(&r, "drain", EVENT_APP, "python", "c", 170, 2, METRIC_DRAIN_RATE);
	model_build(&m, &r);
	strips_build(&s, &m, "small");
	assert_int_equal(s.panels[0].strips[0].n_pairs, 170);
	assert_int_equal(s.panels[0].strips[0].n_dots, 85); /* every other */
	assert_near(s.panels[0].strips[0].dots[1].ratio, 2 * 1.002);
	strips_release(&s);
	model_release(&m);
	result_release(&r);
}

static void what_some_pairs_have_no_ratio_of_is_not_drawn(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct buf out = { 0 };

	memset(&r, 0, sizeof(r));
	add_pairs(&r, "cpu", EVENT_APP, "python", "c", 3, 2, METRIC_CPU_HUMAN);
	run_set(run_of(&r, 0, 1, 'b'), METRIC_CPU_HUMAN, 0);
	model_build(&m, &r);
	assert_false(render_pairs(&m, "small", "svg", "x.svg", &out));
	assert_int_equal(out.len, 0);
	assert_false(render_pairs(&m, "another", "svg", "x.svg", &out));
	model_release(&m);
	result_release(&r);
	buf_release(&out);
}

/* Six phases of three extractors with two metrics: 36 panels of one strip, of which 24 have room. */
static void full_buffers_and_the_first_metric_come_before_the_rest(void **state UNUSED)
{
	static const char *const phases[] = { "alone-10pct", "alone-50pct", "alone-full",
					      "busy-10pct",  "busy-50pct",  "busy-full" };
	struct model m;
	struct result r;
	struct strips s;

	memset(&r, 0, sizeof(r));
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		for (int type = 0; type < EVENT_TYPES; type++) {
			int c = add_pairs(&r, phases[i], (enum event_type)type, "python", "c", 1, 2,
					  METRIC_RESPONSE_P99);

			run_set(run_of(&r, c, 0, 'a'), METRIC_RESPONSE_P50, 1);
			run_set(run_of(&r, c, 0, 'b'), METRIC_RESPONSE_P50, 2);
		}
	model_build(&m, &r);
	strips_build(&s, &m, "small");
	assert_int_equal(s.n, 24);
	assert_int_equal(s.left_out, 12);
	for (size_t i = 0; i < s.n; i++) {
		const char *phase = s.panels[i].section->phase;

		if (s.panels[i].metric == METRIC_RESPONSE_P50)
			assert_true(!strcmp(phase, "alone-full") || !strcmp(phase, "busy-full"));
	}
	strips_release(&s);
	model_release(&m);
	result_release(&r);
}

/* Every scenario sees subjects become ready; only the start is about it. */
static void readiness_stands_behind_what_a_scenario_is_run_for(void **state UNUSED)
{
	static const enum metric_id ids[] = { METRIC_READY, METRIC_CPU_PER_EVENT, METRIC_RSS };
	struct model m;
	struct result r;
	struct strips s;

	memset(&r, 0, sizeof(r));
	add_pairs(&r, "drain", EVENT_APP, "python", "c", 1, 2, METRIC_DRAIN_RATE);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		run_set(run_of(&r, 0, 0, 'a'), ids[i], 1);
		run_set(run_of(&r, 0, 0, 'b'), ids[i], 2);
	}
	model_build(&m, &r);
	strips_build(&s, &m, "small");
	assert_int_equal(s.n, 2);
	assert_int_equal(s.panels[0].metric, METRIC_DRAIN_RATE);
	assert_int_equal(s.panels[1].metric, METRIC_CPU_PER_EVENT);
	strips_release(&s);
	model_release(&m);
	result_release(&r);
}

static void the_script_has_the_dots_the_band_and_the_bar(void **state UNUSED)
{
	struct model m;
	struct result r;
	struct buf out = { 0 };
	const char *gp;

	fill(&r, 8);
	run_of(&r, 0, 7, 'b')->status = RUN_DISTURBED;
	model_build(&m, &r);
	assert_true(render_pairs(&m, "small", "svg", "pairs-small.svg", &out));
	gp = buf_str(&out);
	assert_non_null(strstr(gp, "$dots_0 << EOD\n0.25 0.961\n0.25025 0.884\n"));
	assert_non_null(strstr(gp, "$hollow_0 << EOD\n0.25175 0.419\nEOD\n"));
	assert_non_null(strstr(gp, " 0.14 0.25 0.2515\nEOD\n"));
	assert_non_null(strstr(gp, "rectangle from 1, graph 0 to 1.007, graph 1 behind"));
	assert_non_null(strstr(gp, "set arrow from 1, graph 0 to 1, graph 1 nohead"));
	assert_non_null(strstr(gp, "\"C / Python: 0.251 [0.250, 0.25"));
	assert_non_null(strstr(gp, "\"C / C (A/A): 1.00"));
	assert_non_null(strstr(gp, "$hollow_0 using 1:2 with points pt 6 "));
	assert_null(strstr(gp, "$hollow_1 using"));
	model_release(&m);
	result_release(&r);

	memset(&r, 0, sizeof(r));
	add_pairs(&r, "drain", EVENT_MOUSE, "python", "c", 1, 0.057, METRIC_CPU_PER_EVENT);
	model_build(&m, &r);
	buf_reset(&out);
	assert_true(render_pairs(&m, "small", "svg", "pairs-small.svg", &out));
	assert_non_null(strstr(buf_str(&out), "\"C / Python: 0.0570, undecided, n 1\""));
	buf_release(&out);
	model_release(&m);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_strip_has_every_pair_in_its_order_and_the_noise_to_hold_it_against),
		cmocka_unit_test(disturbed_pairs_are_there_and_marked_and_void_ones_are_not),
		cmocka_unit_test(of_very_many_pairs_every_kth_is_drawn),
		cmocka_unit_test(what_some_pairs_have_no_ratio_of_is_not_drawn),
		cmocka_unit_test(full_buffers_and_the_first_metric_come_before_the_rest),
		cmocka_unit_test(readiness_stands_behind_what_a_scenario_is_run_for),
		cmocka_unit_test(the_script_has_the_dots_the_band_and_the_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
