/* Which figures stand at the top, in which table, and what they are counted as. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/headlines.h"

#define PAIRS 8

/* PAIRS pairs of b against a, whose drain rate is `times` as high. */
static void add(struct result *r, const char *scenario, enum event_type type, const char *a,
		const char *b, double times)
{
	int comparison = result_add_comparison(r, scenario, "drain", type, a, b);

	for (int i = 0; i < 2 * PAIRS; i++) {
		struct run run = { .phase = "drain",
				   .extractor = type,
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = i % 2 ? 'b' : 'a' };

		snprintf(run.scenario, sizeof(run.scenario), "%s", scenario);
		snprintf(run.implementation, sizeof(run.implementation), "%s", i % 2 ? b : a);
		run_set(&run, METRIC_DRAIN_RATE,
			1000 * (i % 2 ? times : 1) * (1 + 0.01 * (i * 7 % 5)));
		run_set(&run, METRIC_FAULTS, 1); /* nobody's headline */
		result_add_run(r, &run);
	}
}

static void fill(struct result *r)
{
	add(r, "one", EVENT_KEYSTROKE, "null", "c", 0.5);
	add(r, "one", EVENT_KEYSTROKE, "python", "c", 5);
	add(r, "one", EVENT_KEYSTROKE, "c", "c", 1);
	add(r, "one", EVENT_MOUSE, "python", "c", 5);
	add(r, "two", EVENT_KEYSTROKE, "relay", "c", 0.5);
}

static void figures_stand_by_pair_phase_and_extractor(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct headlines h;

	fill(&r);
	model_build(m, &r);
	headlines_build(&h, m);
	assert_int_equal(h.n, 2);
	/* floors last although their comparison comes first; both kinds are one table */
	assert_string_equal(h.tables[0].a, "python");
	assert_false(h.tables[0].of_floor);
	assert_true(h.tables[1].of_floor);
	assert_int_equal(h.tables[0].n, 1);
	assert_int_equal(h.tables[0].rows[0].metric, METRIC_DRAIN_RATE);
	assert_non_null(h.tables[0].rows[0].ratios[EVENT_KEYSTROKE]);
	assert_non_null(h.tables[0].rows[0].ratios[EVENT_MOUSE]);
	assert_null(h.tables[0].rows[0].ratios[EVENT_APP]);
	assert_false(h.tables[0].has_type[EVENT_APP]);
	assert_int_equal(h.tables[1].n, 2);
	assert_string_equal(h.tables[1].rows[1].section->scenario, "two");
	headlines_release(&h);
	model_release(m);
	result_release(&r);
	free(m);
}

static void verdicts_are_counted_and_missing_noise_is_told_apart(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct headlines h;

	fill(&r);
	model_build(m, &r);
	headlines_build(&h, m);
	assert_int_equal(h.tables[0].by_verdict[EVENT_KEYSTROKE][VERDICT_BETTER], 1);
	/* mouse and the scenario "two" have no A/A */
	assert_int_equal(h.tables[0].by_verdict[EVENT_MOUSE][VERDICT_TOO_FEW], 1);
	assert_int_equal(h.tables[1].by_verdict[EVENT_KEYSTROKE][VERDICT_WORSE], 1);
	assert_int_equal(h.figures, 4);
	assert_int_equal(h.undecided, 2);
	assert_int_equal(h.noise.n, 2);
	assert_int_equal(h.noise.missing, 2);
	/* the sides of A/A wobble by at most 4 % */
	assert_true(h.noise.least_frac > 0 && h.noise.most_frac < 0.05);
	assert_true(h.noise.least_frac <= h.noise.most_frac);
	headlines_release(&h);
	model_release(m);
	result_release(&r);
	free(m);
}

/* Two floors in one phase: neither figure may hide the other. */
static void two_floors_of_one_phase_are_two_rows(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct headlines h;

	add(&r, "one", EVENT_KEYSTROKE, "null", "c", 0.5);
	add(&r, "one", EVENT_KEYSTROKE, "relay", "c", 0.25);
	model_build(m, &r);
	headlines_build(&h, m);
	assert_int_equal(h.n, 1);
	assert_int_equal(h.tables[0].n, 2);
	assert_string_equal(h.tables[0].rows[0].ratios[EVENT_KEYSTROKE]->a, "null");
	assert_string_equal(h.tables[0].rows[1].ratios[EVENT_KEYSTROKE]->a, "relay");
	headlines_release(&h);
	model_release(m);
	result_release(&r);
	free(m);
}

/* That a floor makes no features, say, is no finding of the session. */
static void what_a_floor_cannot_have_is_no_figure(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	struct headlines h;

	add(&r, "one", EVENT_KEYSTROKE, "null", "c", 0.5);
	for (size_t i = 0; i < r.n_runs; i++)
		if (r.runs[i].side == 'b')
			run_set(&r.runs[i], METRIC_FIRST_FEATURE, 5);
		else
			run_unavailable(&r.runs[i], METRIC_FIRST_FEATURE, "it makes none");
	model_build(m, &r);
	assert_int_equal(m->sections[0].n_rows, 3);
	headlines_build(&h, m);
	assert_int_equal(h.tables[0].n, 1);
	assert_int_equal(h.figures, 1);
	headlines_release(&h);
	model_release(m);
	result_release(&r);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_stand_by_pair_phase_and_extractor),
		cmocka_unit_test(verdicts_are_counted_and_missing_noise_is_told_apart),
		cmocka_unit_test(two_floors_of_one_phase_are_two_rows),
		cmocka_unit_test(what_a_floor_cannot_have_is_no_figure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
