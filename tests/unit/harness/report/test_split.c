/* Where a response time goes: medians, shares, what is not known, and the way through results.json. */
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
#include "harness/report/render_split.h"
#include "harness/result_json.h"

#define US INT64_C(1000)
#define N  10

/* `n` triggers whose service times are 101 … 100 + n us, of which so many have no parts. */
static struct run *add(struct result *r, const char *phase, size_t n, size_t no_send)
{
	struct run run = { .scenario = "latency",
			   .implementation = "c",
			   .extractor = EVENT_MOUSE,
			   .comparison = -1 };
	struct latency_samples *l = &run.latency;

	snprintf(run.phase, sizeof(run.phase), "%s", phase);
	l->n = n;
	l->response_ns = mem_calloc(n + 1, sizeof(*l->response_ns));
	l->service_ns = mem_calloc(n + 1, sizeof(*l->service_ns));
	for (size_t i = 0; i < n; i++) {
		l->service_ns[i] = (101 + (int64_t)i) * US;
		l->response_ns[i] = l->service_ns[i] + US;
	}
	if (!strcmp(phase, SPLIT_PHASE)) {
		run.split.n = n;
		run.split.outcome = mem_calloc(n + 1, sizeof(*run.split.outcome));
		for (int p = 0; p < SPLIT_PARTS; p++)
			run.split.part_ns[p] = mem_calloc(n + 1, sizeof(int64_t));
		for (size_t i = 0; i < no_send; i++)
			run.split.outcome[i] = SPLIT_NO_SEND;
		for (size_t i = no_send; i < n; i++) { /* 20 + 10 + … + 40 */
			run.split.part_ns[SPLIT_REDIS][i] = 20 * US;
			run.split.part_ns[SPLIT_RUNQ][i] = 10 * US;
			run.split.part_ns[SPLIT_DELIVERY][i] = 40 * US;
			run.split.part_ns[SPLIT_COMPUTE][i] = l->service_ns[i] - 70 * US;
		}
	}
	return result_add_run(r, &run);
}

static void write_split(const struct split_report *s, struct buf *md)
{
	struct doc *d = doc_new(&doc_markdown, "t", md);

	render_split(s, d);
	doc_end(d);
}

static void expect(const struct result *r, const char *text)
{
	struct split_report s;
	struct buf md = { 0 };

	split_report_build(&s, r);
	write_split(&s, &md);
	if (!strstr(buf_str(&md), text))
		fail_msg("%s\nis not in\n%s", text, buf_str(&md));
	buf_release(&md);
	split_report_release(&s);
}

static void parts_are_medians_and_their_shares_add_up(void **state UNUSED)
{
	struct result r = { .seed = 1 };
	struct split_report s;
	double sum = 0;

	add(&r, "alone-full", N, 0);
	add(&r, SPLIT_PHASE, N, 0)->split.outcome[0] = SPLIT_AWAKE;
	r.runs[1].split.lost = 3;
	split_report_build(&s, &r);
	assert_int_equal(s.n, 1); /* the scored run has no row */
	assert_int_equal(s.rows[0].known, N);
	assert_float_equal(s.rows[0].part_us[SPLIT_COMPUTE].value, 35.5, 1e-9);
	/* of ten values the 2nd and the 9th hold the median in 97.9 % */
	assert_true(s.rows[0].part_us[SPLIT_COMPUTE].low <= 32);
	assert_true(s.rows[0].part_us[SPLIT_COMPUTE].high >= 39);
	assert_true(fabs(s.rows[0].share_frac[SPLIT_REDIS] - 20 / 105.5) < 1e-9);
	for (int p = 0; p < SPLIT_PARTS; p++)
		sum += s.rows[0].share_frac[p];
	assert_float_equal(sum, 1, 1e-9);
	split_report_release(&s);
	expect(&r, "| mouse | C | 20.0 [20.0, 20.0] (19 %) | 10.0 [10.0, 10.0] (9 %) | 35.5 [32.0, "
		   "39.0] (34 %) | 40.0 [40.0, 40.0] (38 %) | 10 | 9 / 1 / 0 | 3 | 105.5 [102.0, "
		   "109.0] | 105.5 [102.0, 109.0] |\n");
	result_release(&r);
}

static void a_trigger_without_a_send_is_in_no_part(void **state UNUSED)
{
	struct result r = { .seed = 1 };

	add(&r, SPLIT_PHASE, N, 4);
	/* the last six: compute 35 … 40, and 107.5 on average */
	expect(&r, "| 37.5 [35.0, 40.0] (35 %) | 40.0 [40.0, 40.0] (37 %) | 6 | 6 / 0 / 4 | 0 |");
	expect(&r, "| unavailable: no valid run of alone-full |\n");
	result_release(&r);
}

static void what_says_nothing_says_why(void **state UNUSED)
{
	struct result r = { .seed = 1 };
	struct split_report s;
	struct buf md = { 0 };

	add(&r, "alone-full", N, 0)->status = RUN_VOID;
	split_report_build(&s, &r);
	write_split(&s, &md);
	assert_string_equal(buf_str(&md),
			    "# t\n"); /* neither traced nor a reason: it says nothing of it */
	split_report_release(&s);
	buf_release(&md);
	result_add_fact(&r, "latency" SPLIT_FACT, "unavailable: built without clang");
	expect(&r, "### Where a response time goes\n\nunavailable: built without clang\n");
	add(&r, SPLIT_PHASE, N, N);
	expect(&r, "| mouse | C | unavailable: no send of the process that was started was seen |");
	add(&r, SPLIT_PHASE, N, 0)->status = RUN_VOID;
	snprintf(r.runs[2].why, sizeof(r.runs[2].why), "sent: expected 10, got 9");
	expect(&r, "| mouse | C | unavailable: sent: expected 10, got 9 |");
	add(&r, SPLIT_PHASE, N, 0)->status = RUN_DISTURBED;
	expect(&r, "| 10, host disturbed |");
	result_release(&r);
}

static void a_traced_phase_of_another_scenario_is_not_ours(void **state UNUSED)
{
	struct result r = { .seed = 1 };
	struct split_report s;

	add(&r, SPLIT_PHASE, 0, 0);
	split_report_build(&s, &r);
	assert_int_equal(s.n, 0);
	split_report_release(&s);
	result_release(&r);
}

static void splits_survive_results_json_and_broken_ones_are_refused(void **state UNUSED)
{
	static const char *const bad[][2] = {
		{ "\"no send\"", "\"no\"" },
		{ "\"redis_ns\":[null", "\"redis_ns\":[0" },
		{ "\"redis_ns\":[null,20000", "\"redis_ns\":[null,null" },
		{ "\"redis_ns\":[null,20000", "\"redis_ns\":[null,0.5" },
		{ "\"redis_ns\":[null,", "\"redis_ns\":[" },
		{ "\"runq_ns\"", "\"runq\"" },
		{ "\"lost\":0", "\"lost\":\"0\"" },
		{ "[\"no send\",", "[" },
	};
	struct buf json = { 0 }, again = { 0 };
	struct result r = { .seed = 1, .complete = true }, back;
	struct err e = ERR_INIT;

	add(&r, SPLIT_PHASE, 2, 1);
	result_write_json(&r, &json);
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
		assert_non_null(strstr(e.text, "split: "));
		result_release(&back);
	}
	buf_release(&json);
	buf_release(&again);
	result_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_medians_and_their_shares_add_up),
		cmocka_unit_test(a_trigger_without_a_send_is_in_no_part),
		cmocka_unit_test(what_says_nothing_says_why),
		cmocka_unit_test(a_traced_phase_of_another_scenario_is_not_ours),
		cmocka_unit_test(splits_survive_results_json_and_broken_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
