/* Two sessions of the same agree; one that measured something else does not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/agree.h"

/* n pairs of null:c; what C drains is `times` what the floor does, all of it `level` times. */
static void fill(struct result *r, int n, double times, double level)
{
	int comparison;

	memset(r, 0, sizeof(*r));
	r->seed = 1;
	comparison = result_add_comparison(r, "throughput", "drain", EVENT_APP, "null", "c");
	for (int i = 0; i < 2 * n; i++) {
		bool c = i & 1;
		struct run run = { .scenario = "throughput",
				   .phase = "drain",
				   .extractor = EVENT_APP,
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = c ? 'b' : 'a' };

		snprintf(run.implementation, sizeof(run.implementation), "%s", c ? "c" : "null");
		run_set(&run, METRIC_DRAIN_RATE, level * (c ? times : 1) * (1000 + i * i % 7));
		result_add_run(r, &run);
	}
}

static void sessions_agree_as_far_as_their_intervals_do(void **state UNUSED)
{
	static const struct {
		int n;
		double times, level;
		size_t values, values_agree, ratios, ratios_agree, skipped;
		const char *line;
	} rows[] = {
		{ 8, 0.9, 1, 2, 2, 1, 1, 0, "" },
		{ 8, 0.9, 2, 2, 0, 1, 1, 0, "drained, null: " }, /* the host got faster */
		{ 8, 0.5, 1, 2, 1, 1, 0, 0, "drained, c / null: 0." },
		{ 5, 0.9, 1, 0, 0, 0, 0, 3, "" }, /* too few for an interval */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result before, after;
		struct model a, b;
		struct agreement sum;
		struct buf out = { 0 };

		fill(&before, 8, 0.9, 1);
		fill(&after, rows[i].n, rows[i].times, rows[i].level);
		model_build(&a, &before);
		model_build(&b, &after);
		agree_compare(&a, &b, &sum, &out);
		assert_int_equal(sum.values, rows[i].values);
		assert_int_equal(sum.values_agree, rows[i].values_agree);
		assert_int_equal(sum.ratios, rows[i].ratios);
		assert_int_equal(sum.ratios_agree, rows[i].ratios_agree);
		assert_int_equal(sum.skipped, rows[i].skipped);
		if (!strstr(buf_str(&out), rows[i].line))
			fail_msg("%s is not in: %s", rows[i].line, buf_str(&out));
		assert_int_equal(out.len > 0, rows[i].line[0] != '\0');
		buf_release(&out);
		model_release(&a);
		model_release(&b);
		result_release(&before);
		result_release(&after);
	}
}

static void sections_of_one_session_alone_are_skipped(void **state UNUSED)
{
	struct result before, after;
	struct model a, b;
	struct agreement sum;
	struct buf out = { 0 };

	fill(&before, 8, 0.9, 1);
	fill(&after, 8, 0.9, 1);
	snprintf(after.comparisons[0].phase, sizeof(after.comparisons[0].phase), "other");
	model_build(&a, &before);
	model_build(&b, &after);
	agree_compare(&a, &b, &sum, &out);
	assert_int_equal(sum.values + sum.ratios, 0);
	assert_int_equal(sum.skipped, 3);
	assert_true(isnan(agree_frac(&sum)));
	buf_release(&out);
	model_release(&a);
	model_release(&b);
	result_release(&before);
	result_release(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_agree_as_far_as_their_intervals_do),
		cmocka_unit_test(sections_of_one_session_alone_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
