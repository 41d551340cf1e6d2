/* A subject against itself: noise gives a floor and few differences, an order effect is seen by intervals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/rng.h"
#include "harness/report/model.h"
#include "harness/report/render_aa.h"

#define PAIRS 200

/* `factor` from the pair `from` on: what side b measures too much. */
static void fill(struct result *r, double factor, int from)
{
	int comparison = result_add_comparison(r, "aa", "aa-start", EVENT_KEYSTROKE, "c", "c");
	struct rng rng;

	rng_init(&rng, 42, 0);
	for (int i = 0; i < 2 * PAIRS; i++) {
		struct run run = { .scenario = "aa",
				   .phase = "aa-start",
				   .extractor = EVENT_KEYSTROKE,
				   .implementation = "c",
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = i % 2 ? 'b' : 'a' };
		double ms = 10 * (1 + 0.02 * rng_normal(&rng));

		run_set(&run, METRIC_READY, i % 2 && i / 2 >= from ? factor * ms : ms);
		run.instrument.little_ratio = NAN;
		result_add_run(r, &run);
	}
}

static const struct model_aa *build(struct model *m, struct result *r)
{
	model_build(m, r);
	for (size_t i = 0; i < m->n_aas; i++)
		if (m->aas[i].metric == METRIC_READY)
			return &m->aas[i];
	fail_msg("no row of the metric");
	return NULL;
}

static void noise_alone_gives_a_small_floor_and_hardly_a_difference(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_aa *x;
	struct buf text = { 0 };
	struct doc *d;

	fill(&r, 1, 0);
	x = build(m, &r);
	assert_int_equal(x->est.n, PAIRS);
	/* 2 % a side: sd of a log ratio 2.8 %, of the estimate 0.2 %, times 2.6 at 99 % */
	assert_true(x->floor_frac > 0.002 && x->floor_frac < 0.012);
	assert_int_equal(x->verdicts.n, PAIRS / MODEL_AA_BLOCK);
	assert_true(x->verdicts.k <= 1);
	assert_true(x->verdicts.low <= 0.01 && x->verdicts.high < 0.25);
	d = doc_new(&doc_markdown, "t", &text);
	render_aa(m, d);
	doc_end(d);
	assert_non_null(strstr(buf_str(&text), " of 25 ("));
	buf_release(&text);
	model_release(m);
	result_release(&r);
	free(m);
}

/* An instrument that favours one side: intervals see it, verdicts are held by the A/A next to it. */
static void an_order_effect_shows_in_the_intervals_and_in_the_floor(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_aa *x;

	fill(&r, 1.2, 0);
	x = build(m, &r);
	assert_int_equal(x->intervals.k, x->intervals.n);
	assert_true(x->verdicts.k < x->intervals.k);
	assert_true(x->floor_frac > 0.15);
	model_release(m);
	result_release(&r);
	free(m);
}

/* Half way something changes: the block before it has an A/A that does not know. */
static void a_change_half_way_is_a_false_difference(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .seed = 1 };
	const struct model_aa *x;

	fill(&r, 1.2, PAIRS - MODEL_AA_BLOCK); /* the last block, whose A/A is the first */
	x = build(m, &r);
	assert_true(x->verdicts.k >= 1);
	model_release(m);
	result_release(&r);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_alone_gives_a_small_floor_and_hardly_a_difference),
		cmocka_unit_test(an_order_effect_shows_in_the_intervals_and_in_the_floor),
		cmocka_unit_test(a_change_half_way_is_a_false_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
