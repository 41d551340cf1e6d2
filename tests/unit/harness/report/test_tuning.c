/* The rule of recommendations, and the way from runs to one. */
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
#include "harness/report/tuning_rule.h"
#include "harness/result_json.h"
#include "tests/unit/harness/report/report_text.h"

#define BETTER VERDICT_BETTER
#define WORSE  VERDICT_WORSE
#define SAME   VERDICT_NO_DIFFERENCE
#define FEW    VERDICT_TOO_FEW
#define VOID   VERDICT_VOID

static void the_default_stays_unless_a_value_is_better_and_nowhere_worse(void **state UNUSED)
{
	static const struct {
		struct {
			enum verdict primary;
			double gain;
			enum verdict others[2];
		} values[3];
		size_t n;
		enum tuning_advice advice;
		size_t chosen;
	} rows[] = {
		{ { { SAME, 1.01, { SAME, SAME } } }, 1, TUNING_KEEP_SAME, 0 },
		{ { { BETTER, 1.2, { SAME, SAME } } }, 1, TUNING_CHANGE, 0 },
		{ { { BETTER, 1.2, { SAME, BETTER } }, { BETTER, 1.4, { SAME, SAME } } },
		  2,
		  TUNING_CHANGE,
		  1 },
		/* the largest gain is bought elsewhere: the second largest is taken */
		{ { { BETTER, 1.2, { SAME, SAME } },
		    { BETTER, 1.9, { SAME, WORSE } },
		    { BETTER, 1.1, { SAME, SAME } } },
		  3,
		  TUNING_CHANGE,
		  0 },
		{ { { BETTER, 1.9, { WORSE, BETTER } } }, 1, TUNING_KEEP_TRADE, 0 },
		{ { { BETTER, 1.9, { FEW, SAME } } }, 1, TUNING_KEEP_TRADE, 0 },
		{ { { BETTER, 1.9, { SAME, VOID } } }, 1, TUNING_KEEP_TRADE, 0 },
		{ { { FEW, 9, { FEW, FEW } }, { SAME, 1, { SAME, SAME } } },
		  2,
		  TUNING_KEEP_UNDECIDED,
		  0 },
		{ { { WORSE, 0.5, { BETTER, BETTER } }, { SAME, 1, { SAME, SAME } } },
		  2,
		  TUNING_KEEP_WORSE,
		  0 },
		{ { { VOID, NAN, { VOID, VOID } }, { VOID, NAN, { VOID, VOID } } },
		  2,
		  TUNING_KEEP_UNKNOWN,
		  0 },
		{ { { VOID, NAN, { VOID, VOID } }, { SAME, 1, { SAME, SAME } } },
		  2,
		  TUNING_KEEP_SAME,
		  0 },
		{ { { SAME, 1, { SAME, SAME } } }, 0, TUNING_KEEP_UNKNOWN, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tuning_value v[3];
		size_t chosen = 99;
		enum tuning_advice advice;

		for (size_t k = 0; k < rows[i].n; k++)
			v[k] = (struct tuning_value){ rows[i].values[k].primary, false,
						      rows[i].values[k].gain,
						      rows[i].values[k].others, 2 };
		advice = tuning_choose(v, rows[i].n, &chosen);
		if (advice != rows[i].advice ||
		    (advice == TUNING_CHANGE && chosen != rows[i].chosen))
			fail_msg("row %zu: %s, value %zu", i, tuning_advice_words[advice], chosen);
	}
}

static void less_work_is_no_better_setting(void **state UNUSED)
{
	static const enum verdict same[] = { SAME }, worse[] = { WORSE };
	struct tuning_value v[] = { { BETTER, true, 1.9, same, 1 },
				    { BETTER, false, 1.1, same, 1 } };
	size_t chosen = 99;

	assert_int_equal(tuning_choose(v, 2, &chosen), TUNING_CHANGE);
	assert_int_equal(chosen, 1);
	assert_int_equal(tuning_choose(v, 1, &chosen), TUNING_KEEP_WORK);
	v[0].others = worse;
	assert_int_equal(tuning_choose(v, 1, &chosen), TUNING_KEEP_TRADE);
}

/* ---- from runs -------------------------------------------------------------------------- */

#define DEFAULT "c+batch=50"

struct made {
	const char *label, *value;
	double cpu, rss; /* times the default's */
};

static void add_run(struct result *r, int comparison, int pair, char side, const char *label,
		    double cpu, double rss)
{
	struct run run = { .scenario = "tuning",
			   .phase = "c batch",
			   .extractor = EVENT_KEYSTROKE,
			   .comparison = comparison,
			   .pair = pair,
			   .side = side };
	double wobble = 1 + 0.01 * ((pair * 7 + side) % 5 - 2);

	snprintf(run.implementation, sizeof(run.implementation), "%s", label);
	run_set(&run, METRIC_CPU_PER_EVENT, 1000 * cpu * wobble);
	run_set(&run, METRIC_RSS, 1e7 * rss * wobble);
	run_set(&run, METRIC_READY, 2 * wobble); /* does not matter for a setting */
	result_add_run(r, &run);
}

static void add_value(struct result *r, const struct made *v, int pairs)
{
	struct setting st = { .scenario = "tuning",
			      .phase = "c batch",
			      .extractor = EVENT_KEYSTROKE,
			      .base = "c",
			      .parameter = "INFLUX_BATCH_SIZE",
			      .reference = "50",
			      .against = DEFAULT,
			      .primary = "cpu_ns_per_event",
			      .note = "what it means" };
	int comparison =
		result_add_comparison(r, "tuning", "c batch", EVENT_KEYSTROKE, DEFAULT, v->label);

	snprintf(st.value, sizeof(st.value), "%s", v->value);
	snprintf(st.implementation, sizeof(st.implementation), "%s", v->label);
	result_add_setting(r, &st);
	for (int i = 0; i < pairs; i++) {
		add_run(r, comparison, i, 'a', DEFAULT, 1, 1);
		add_run(r, comparison, i, 'b', v->label, v->cpu, v->rss);
	}
}

static void fill(struct result *r, const struct made *values, size_t n, int pairs)
{
	int aa;

	memset(r, 0, sizeof(*r));
	r->seed = 1;
	r->complete = true;
	for (size_t i = 0; i < n; i++)
		add_value(r, &values[i], pairs);
	aa = result_add_comparison(r, "tuning", "c batch", EVENT_KEYSTROKE, DEFAULT, DEFAULT);
	for (int i = 0; i < pairs; i++) {
		add_run(r, aa, i, 'a', DEFAULT, 1, 1);
		add_run(r, aa, i, 'b', DEFAULT, 1, 1);
	}
}

static void render(const struct result *r, struct model *m, struct buf *md)
{
	struct err e = ERR_INIT;

	assert_int_equal(model_check(r, &e), 0);
	model_build(m, r);
	buf_reset(md);
	report_text(m, "none", md);
}

static void a_value_is_recommended_with_its_interval(void **state UNUSED)
{
	static const struct made values[] = { { "c+batch=500", "500", 0.5, 1 },
					      { "c+batch=5000", "5000", 0.4, 2 } };
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, values, 2, 8);
	render(&r, m, &md);
	assert_int_equal(m->n_tunings, 1);
	assert_int_equal(m->tunings[0].n_values, 2);
	assert_int_equal(m->tunings[0].advice, TUNING_CHANGE);
	assert_string_equal(m->tunings[0].chosen->setting->value,
			    "500"); /* 5000 takes more memory */
	assert_int_equal(m->tunings[0].values[0].n_ratios, 2);
	assert_int_equal(m->tunings[0].values[0].metrics[0], METRIC_CPU_PER_EVENT);
	assert_non_null(strstr(buf_str(&md), "- Tuning, INFLUX_BATCH_SIZE, keystroke C: **500** "
					     "instead of 50: CPU per event 0.5"));
	assert_non_null(strstr(buf_str(&md), "5000 / 50 | RSS | 2.0"));
	model_release(m);
	result_release(&r);
	buf_release(&md);
	free(m);
}

static void too_few_pairs_and_no_difference_keep_the_default(void **state UNUSED)
{
	static const struct made far[] = { { "c+batch=500", "500", 0.5, 1 } };
	static const struct made near[] = { { "c+batch=500", "500", 1.001, 1 } };
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, far, 1, 3);
	render(&r, m, &md);
	assert_non_null(strstr(buf_str(&md), "keystroke C: keep the default: undecided (50)"));
	model_release(m);
	result_release(&r);
	fill(&r, near, 1, 8);
	render(&r, m, &md);
	assert_non_null(strstr(buf_str(&md), "keep the default: no difference seen (50)"));
	model_release(m);
	result_release(&r);
	buf_release(&md);
	free(m);
}

static void what_could_not_be_measured_says_why_and_comes_back_from_json(void **state UNUSED)
{
	struct setting st = { .scenario = "tuning",
			      .phase = "python build",
			      .base = "python",
			      .parameter = "build",
			      .value = "O3",
			      .reference = "O2",
			      .primary = "cpu_ns_per_event",
			      .why = "make: not found in PATH" };
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .complete = true }, again;
	struct buf json = { 0 }, md = { 0 };
	struct err e = ERR_INIT;

	result_add_setting(&r, &st);
	result_write_json(&r, &json);
	assert_int_equal(result_read_json(&again, json.data, json.len, &e), 0);
	assert_int_equal(again.n_settings, 1);
	render(&again, m, &md);
	assert_non_null(strstr(buf_str(&md), "keystroke Python: keep the default: nothing could be "
					     "measured (O2)"));
	assert_non_null(
		strstr(buf_str(&md), "| O3 / O2 | – | unavailable: make: not found in PATH |"));
	model_release(m);
	result_release(&again);
	result_release(&r);
	buf_release(&json);
	buf_release(&md);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_stays_unless_a_value_is_better_and_nowhere_worse),
		cmocka_unit_test(less_work_is_no_better_setting),
		cmocka_unit_test(a_value_is_recommended_with_its_interval),
		cmocka_unit_test(too_few_pairs_and_no_difference_keep_the_default),
		cmocka_unit_test(what_could_not_be_measured_says_why_and_comes_back_from_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
