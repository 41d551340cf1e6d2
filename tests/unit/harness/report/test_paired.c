/* Pairs: which count, at which level, and when they are enough. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/paired.h"

/* n pairs of null:c with B/A = times, and n_aa of c:c, all within +-1 %; `planned` of each. */
static void fill(struct result *r, int n, int n_aa, int planned, double times)
{
	static const char *const sides[2][2] = { { "null", "c" }, { "c", "c" } };

	memset(r, 0, sizeof(*r));
	r->seed = 7;
	for (int c = 0; c < 2; c++) {
		result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, sides[c][0],
				      sides[c][1]);
		r->comparisons[c].pairs_planned = planned;
		for (int i = 0; i < 2 * (c ? n_aa : n); i++) {
			struct run run = { .scenario = "throughput",
					   .phase = "drain",
					   .extractor = EVENT_MOUSE,
					   .comparison = c,
					   .pair = i / 2,
					   .side = i & 1 ? 'b' : 'a' };

			snprintf(run.implementation, sizeof(run.implementation), "%s",
				 sides[c][i & 1]);
			run_set(&run, METRIC_DRAIN_RATE,
				(c == 0 && (i & 1) ? times : 1) * (1 + 0.002 * (i * i % 11 - 5)));
			result_add_run(r, &run);
		}
	}
}

static void pairs_end_when_they_decide_and_not_before(void **state UNUSED)
{
	static const struct {
		int n, n_aa, planned;
		double times;
		bool last;
		enum sequential_state expected;
	} rows[] = {
		{ 11, 11, 20, 1.5, false, SEQUENTIAL_HIGHER },
		{ 11, 11, 20, 0.5, false, SEQUENTIAL_LOWER },
		{ 11, 11, 20, 1.006, false, SEQUENTIAL_UNDECIDED }, /* A/A may explain it */
		{ 40, 40, 40, 1.0, false, SEQUENTIAL_EQUIVALENT },
		{ 11, 0, 20, 1.5, false, SEQUENTIAL_UNDECIDED }, /* no A/A */
		{ 11, 4, 20, 1.5, false, SEQUENTIAL_UNDECIDED }, /* an A/A that is not sure */
		{ 4, 11, 20, 1.5, false, SEQUENTIAL_UNDECIDED }, /* too few */
		{ 4, 11, 20, 1.5, true, SEQUENTIAL_OUT_OF_BUDGET },
		{ 0, 0, 20, 1.5, true, SEQUENTIAL_OUT_OF_BUDGET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r;
		struct paired p;
		enum sequential_state got;

		fill(&r, rows[i].n, rows[i].n_aa, rows[i].planned, rows[i].times);
		paired_init(&p, &r);
		got = paired_state(&p, 0, METRIC_DRAIN_RATE, 0.01, rows[i].last);
		if (got != rows[i].expected)
			fail_msg("row %zu: %s", i, sequential_state_names[got]);
		paired_release(&p);
		result_release(&r);
	}
}

static void the_level_rises_with_the_looks_that_are_planned(void **state UNUSED)
{
	struct result r;
	struct paired few, many;
	struct estimate once, often;

	fill(&r, 11, 11, 12, 1.2);
	paired_init(&few, &r);
	r.comparisons[0].pairs_planned = 60;
	paired_init(&many, &r);
	once = paired_ratio(&few, 0, METRIC_DRAIN_RATE, false);
	often = paired_ratio(&many, 0, METRIC_DRAIN_RATE, false);
	assert_true(once.n == 11 && once.level >= 0.95);
	assert_true(paired_level(&many, 0, 11) > paired_level(&few, 0, 11));
	assert_true(often.high / often.low > once.high / once.low);
	assert_true(paired_is_sure(&many, 0, &often));
	assert_false(paired_is_sure(&many, 0, &once));
	paired_release(&few);
	paired_release(&many);
	result_release(&r);
}

static void set_status(struct result *r, int comparison, int pair, char side, enum run_status st)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison == comparison && r->runs[i].pair == pair &&
		    r->runs[i].side == side)
			r->runs[i].status = st;
}

/* Two pairs that the host spoiled are made again: the level is that of as many good ones. */
static void discarded_pairs_that_were_made_up_cost_no_certainty(void **state UNUSED)
{
	struct result good, made_up;
	struct paired p, q;
	struct estimate a, b;

	fill(&good, 6, 8, 6, 1.5);
	fill(&made_up, 8, 8, 6, 1.5);
	set_status(&made_up, 0, 2, 'a', RUN_DISTURBED);
	set_status(&made_up, 0, 5, 'b', RUN_DISTURBED);
	paired_init(&p, &good);
	paired_init(&q, &made_up);
	a = paired_ratio(&p, 0, METRIC_DRAIN_RATE, false);
	b = paired_ratio(&q, 0, METRIC_DRAIN_RATE, false);
	assert_int_equal(a.n, 6);
	assert_int_equal(b.n, 6);
	assert_true(a.level == b.level && a.level >= 0.95);
	assert_true(paired_is_sure(&q, 0, &b));
	assert_int_equal(paired_made(&made_up, 0), 8);
	assert_int_equal(paired_discarded(&made_up, 0), 2);
	paired_release(&p);
	paired_release(&q);
	result_release(&good);
	result_release(&made_up);
}

/* What the subject spoiled is nobody's to make up. */
static void a_void_or_failed_pair_is_not_discarded(void **state UNUSED)
{
	struct result r;

	fill(&r, 6, 8, 6, 1.5);
	set_status(&r, 0, 0, 'a', RUN_VOID);
	set_status(&r, 0, 1, 'b', RUN_FAILED);
	set_status(&r, 0, 2, 'a', RUN_VOID);
	set_status(&r, 0, 2, 'b', RUN_DISTURBED);
	set_status(&r, 0, 3, 'a', RUN_DISTURBED);
	set_status(&r, 0, 3, 'b', RUN_DISTURBED);
	assert_int_equal(paired_discarded(&r, 0), 1);
	result_release(&r);
}

static void a_pair_counts_when_both_of_its_sides_do(void **state UNUSED)
{
	struct result r;
	struct paired p;

	fill(&r, 8, 8, 8, 2);
	paired_init(&p, &r);
	r.runs[0].status = RUN_VOID;
	r.runs[3].status = RUN_DISTURBED;
	run_unavailable(&r.runs[4], METRIC_DRAIN_RATE, "gone");
	assert_int_equal(paired_ratio(&p, 0, METRIC_DRAIN_RATE, false).n, 5);
	assert_int_equal(paired_ratio(&p, 0, METRIC_DRAIN_RATE, true).n, 6);
	assert_int_equal(paired_noise(&p, 0, METRIC_DRAIN_RATE).n, 8);
	assert_int_equal(paired_noise(&p, 0, METRIC_RSS).n, 0);
	paired_release(&p);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_end_when_they_decide_and_not_before),
		cmocka_unit_test(the_level_rises_with_the_looks_that_are_planned),
		cmocka_unit_test(discarded_pairs_that_were_made_up_cost_no_certainty),
		cmocka_unit_test(a_void_or_failed_pair_is_not_discarded),
		cmocka_unit_test(a_pair_counts_when_both_of_its_sides_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
