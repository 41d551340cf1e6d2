/* Verdicts at the borders, from known values; what stands in the way of them; and the outputs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "extractors/base/mem.h"
#include "harness/judge/checklist.h"
#include "harness/judge/checklist_json.h"
#include "harness/judge/render_checklist.h"

/* A session, its model, its rules and the verdict of them. */
struct world {
	struct result r;
	struct model *m;
	struct checklist_rules rules;
	struct checklist c;
};

static void open_session(struct world *w)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->r.id, sizeof(w->r.id), "20261124-120000-test");
	w->r.seed = 1;
	w->r.complete = true;
}

static void judge(struct world *w, const char *rules)
{
	struct err e = ERR_INIT;

	if (checklist_rules_parse(&w->rules, rules, strlen(rules), "x.ini", &e))
		fail_msg("%s", e.text);
	assert_int_equal(model_check(&w->r, &e), 0);
	w->m = mem_calloc(1, sizeof(*w->m));
	model_build(w->m, &w->r);
	checklist_judge(&w->c, &w->rules, w->m);
}

static void close_session(struct world *w)
{
	checklist_release(&w->c);
	checklist_rules_release(&w->rules);
	model_release(w->m);
	free(w->m);
	result_release(&w->r);
}

/* The row of mouse of the i-th line's k-th subject. */
static const struct checklist_row *row_of(const struct world *w, size_t line, size_t subject)
{
	for (size_t i = 0; i < w->c.n_rows; i++)
		if (w->c.rows[i].rule == &w->rules.v[line] &&
		    w->c.rows[i].clause == &w->rules.v[line].clauses[subject] &&
		    w->c.rows[i].extractor == EVENT_MOUSE)
			return &w->c.rows[i];
	fail_msg("no such row");
	return NULL;
}

static struct run *add_run(struct world *w, int comparison, int pair, char side,
			   const char *implementation, enum metric_id id, double value)
{
	const struct comparison *c = &w->r.comparisons[comparison];
	struct run run = {
		.extractor = c->extractor, .comparison = comparison, .pair = pair, .side = side
	};

	snprintf(run.id, sizeof(run.id), "mouse-%d-%02d-%s", comparison, pair, implementation);
	snprintf(run.scenario, sizeof(run.scenario), "%s", c->scenario);
	snprintf(run.phase, sizeof(run.phase), "%s", c->phase);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run_set(&run, id, value);
	return result_add_run(&w->r, &run);
}

/* n pairs of Python and C: C's values are first, first + step, …; Python's `times` as large. */
static void add_pairs(struct world *w, const char *scenario, const char *phase, enum metric_id id,
		      int n, double first, double step, double times)
{
	int c = result_add_comparison(&w->r, scenario, phase, EVENT_MOUSE, "python", "c");

	for (int i = 0; i < n; i++) {
		add_run(w, c, i, 'a', "python", id, times * (first + i * step));
		add_run(w, c, i, 'b', "c", id, first + i * step);
	}
}

static void pass_needs_the_whole_interval_and_so_does_fail(void **state UNUSED)
{
	static const struct {
		enum checklist_op op;
		double low, high;
		enum checklist_verdict expected;
	} rows[] = {
		{ CHECKLIST_AT_MOST, 9, 10, CHECKLIST_PASS },
		{ CHECKLIST_AT_MOST, 10, 10, CHECKLIST_PASS },
		{ CHECKLIST_AT_MOST, 9, 10.01, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_MOST, 10, 11, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_MOST, 10.01, 11, CHECKLIST_FAIL },
		{ CHECKLIST_AT_MOST, 9, INFINITY, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_MOST, 11, INFINITY, CHECKLIST_FAIL },
		{ CHECKLIST_AT_MOST, 9, NAN, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_MOST, NAN, NAN, CHECKLIST_UNDECIDED },
		{ CHECKLIST_LESS, 9, 9.99, CHECKLIST_PASS },
		{ CHECKLIST_LESS, 9, 10, CHECKLIST_UNDECIDED },
		{ CHECKLIST_LESS, 10, 11, CHECKLIST_FAIL },
		{ CHECKLIST_AT_LEAST, 10, 11, CHECKLIST_PASS },
		{ CHECKLIST_AT_LEAST, 9.99, 11, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_LEAST, 9, 10, CHECKLIST_UNDECIDED },
		{ CHECKLIST_AT_LEAST, 9, 9.99, CHECKLIST_FAIL },
		{ CHECKLIST_AT_LEAST, 10, INFINITY, CHECKLIST_PASS },
		{ CHECKLIST_AT_LEAST, -INFINITY, 9, CHECKLIST_FAIL },
		{ CHECKLIST_MORE, 10.01, 11, CHECKLIST_PASS },
		{ CHECKLIST_MORE, 10, 11, CHECKLIST_UNDECIDED },
		{ CHECKLIST_MORE, 9, 10, CHECKLIST_FAIL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (checklist_compare(rows[i].op, 10, rows[i].low, rows[i].high) !=
		    rows[i].expected)
			fail_msg("row %zu", i);
}

/* 8 values 90 … 97 ms: the median is 93.5, the interval's exact part 90 … 97. */
static void a_target_is_judged_in_the_figures_unit_with_its_interval(void **state UNUSED)
{
	static const struct {
		const char *clause;
		enum checklist_verdict expected;
	} rows[] = {
		{ "c <= 97 ms", CHECKLIST_PASS },  { "c <= 93 ms", CHECKLIST_UNDECIDED },
		{ "c <= 89 ms", CHECKLIST_FAIL },  { "c > 89 ms", CHECKLIST_PASS },
		{ "c", CHECKLIST_NO_TARGET },	   { "nobody <= 97 ms", CHECKLIST_UNDECIDED },
		{ "nobody", CHECKLIST_NO_TARGET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct checklist_row *row;
		struct world w;
		char rules[128];

		open_session(&w);
		add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
		snprintf(rules, sizeof(rules), "[startup]\nready = startup/warm ready_ms: %s\n",
			 rows[i].clause);
		judge(&w, rules);
		row = row_of(&w, 0, 0);
		if (row->verdict != rows[i].expected)
			fail_msg("row %zu: %s: %s", i, checklist_verdict_names[row->verdict],
				 row->why);
		if (rows[i].clause[0] == 'n') {
			assert_string_equal(
				row->why,
				"not measured: the session has no startup/warm ready_ms of nobody mouse");
			assert_null(row->evidence.first);
		} else {
			assert_true(row->value.value == 93.5);
			assert_int_equal(row->value.n, 8);
			assert_true(row->value.level >= 0.95);
			assert_int_equal(row->evidence.runs, 8);
			assert_string_equal(row->evidence.first, "mouse-0-00-c");
			assert_string_equal(row->evidence.last, "mouse-0-07-c");
			assert_string_equal(row->evidence.nearest, "mouse-0-03-c");
		}
		close_session(&w);
	}
}

static void bytes_are_stated_in_the_unit_of_reports(void **state UNUSED)
{
	struct world w;

	open_session(&w);
	add_pairs(&w, "memory", "memory", METRIC_RSS_IDLE, 8, 3e6, 0, 20);
	judge(&w, "[memory]\nidle = memory/memory rss_idle_bytes: c <= 3 MB, python <= 59.9 MB, "
		  "python:c >= 95 %\n");
	assert_int_equal(row_of(&w, 0, 0)->verdict, CHECKLIST_PASS);
	assert_true(row_of(&w, 0, 0)->value.value == 3);
	assert_int_equal(row_of(&w, 0, 1)->verdict, CHECKLIST_FAIL);
	assert_int_equal(w.c.verdict, CHECKLIST_FAIL);
	close_session(&w);
}

static void few_runs_decide_nothing(void **state UNUSED)
{
	static const struct {
		int pairs;
		const char *why[2]; /* of C's value and of the improvement */
	} rows[] = {
		{ 1, { "no interval: n = 1", "no interval: n = 1" } },
		{ 3,
		  { "too few runs for an interval that is sure enough: n = 3, 75 %",
		    "too few pairs for an interval that is sure enough: n = 3, 75 %" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		open_session(&w);
		add_pairs(&w, "startup", "warm", METRIC_READY, rows[i].pairs, 10, 0, 10);
		judge(&w,
		      "[startup]\nready = startup/warm ready_ms: c <= 100 ms, python:c >= 80 %\n");
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(row_of(&w, 0, k)->verdict, CHECKLIST_UNDECIDED);
			assert_string_equal(row_of(&w, 0, k)->why, rows[i].why[k]);
		}
		assert_int_equal(w.c.verdict, CHECKLIST_UNDECIDED);
		close_session(&w);
	}
}

static void an_improvement_is_what_the_pairs_say(void **state UNUSED)
{
	static const struct {
		double times;
		enum checklist_verdict expected;
	} rows[] = {
		{ 10, CHECKLIST_PASS }, /* 90 % less */
		{ 5, CHECKLIST_PASS },	/* 80 %, to the last digit of a double */
		{ 4, CHECKLIST_FAIL },
		{ 0.5, CHECKLIST_FAIL }, /* twice as much: -100 % */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct checklist_row *row;
		struct world w;

		open_session(&w);
		add_pairs(&w, "startup", "warm", METRIC_READY, 12, 16, 1, rows[i].times);
		judge(&w,
		      "[startup]\nready = startup/warm ready_ms: python:c >= 79.999999 %, c:python\n");
		row = row_of(&w, 0, 0);
		if (row->verdict != rows[i].expected)
			fail_msg("row %zu: %s: %s", i, checklist_verdict_names[row->verdict],
				 row->why);
		assert_true(fabs(row->value.value - 100 * (1 - 1 / rows[i].times)) < 1e-9);
		assert_true(row->value.low <= row->value.value &&
			    row->value.value <= row->value.high);
		assert_int_equal(row->value.n, 12);
		assert_int_equal(row->evidence.runs, 12);
		assert_string_equal(row->evidence.last, "mouse-0-11-c");
		assert_null(row->evidence.nearest);
		/* the other way round nobody compared */
		assert_non_null(strstr(row_of(&w, 0, 1)->why, "not measured"));
		close_session(&w);
	}
}

static void a_thousand_events_take_what_the_drain_says(void **state UNUSED)
{
	const struct checklist_row *row;
	struct world w;

	open_session(&w);
	add_pairs(&w, "throughput", "drain", METRIC_DRAIN_RATE, 9, 1000, 125, 0.5);
	judge(&w,
	      "[throughput]\n1,000 events = throughput/drain seconds_per_1000_events: c <= 1 s, "
	      "python < 1.3 s, python:c >= 49 %\n");
	row = row_of(&w, 0, 0);
	assert_true(fabs(row->value.value - 1000.0 / 1500) < 1e-12);
	assert_true(row->value.low < row->value.value && row->value.value < row->value.high);
	assert_int_equal(row->verdict, CHECKLIST_PASS);
	assert_string_equal(row->evidence.nearest, "mouse-0-04-c");
	assert_int_equal(row_of(&w, 0, 1)->verdict, CHECKLIST_UNDECIDED); /* 1.33 s */
	row = row_of(&w, 0, 2);
	assert_true(fabs(row->value.value - 50) < 1e-9);
	assert_int_equal(row->verdict, CHECKLIST_PASS);
	close_session(&w);
}

/* A run of samples of base + `from`, base + from + step … base + n us. */
static void add_sampled_run(struct world *w, char side, const char *implementation, int base_us,
			    size_t from, size_t step, size_t n)
{
	struct run run = {
		.scenario = "latency", .phase = "alone-full", .extractor = EVENT_MOUSE, .side = side
	};

	snprintf(run.id, sizeof(run.id), "latency-%s", implementation);
	snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
	run.latency.response_ns = mem_calloc(n + 1, sizeof(int64_t));
	run.latency.service_ns = mem_calloc(n + 1, sizeof(int64_t));
	for (size_t us = from; us <= n; us += step, run.latency.n++)
		run.latency.response_ns[run.latency.n] = run.latency.service_ns[run.latency.n] =
			(base_us + (int64_t)us) * 1000;
	result_add_run(&w->r, &run);
}

/* `n` samples of base + 1 … base + n us, of as many runs. */
static void add_samples(struct world *w, char side, const char *implementation, int base_us,
			size_t n, size_t runs)
{
	for (size_t i = 0; i < runs; i++)
		add_sampled_run(w, side, implementation, base_us, i + 1, runs, n);
}

/* Ranks 476 … 525 of 1,000 hold the median, 984 … 996 p99, at 95 % (binomial). */
static void percentiles_are_judged_by_their_ordered_samples(void **state UNUSED)
{
	static const struct {
		const char *clause;
		size_t n;
		enum checklist_verdict expected;
		const char *why;
	} rows[] = {
		{ "merged_response_p50_ms: c <= 10.7 ms", 1000, CHECKLIST_PASS, "" },
		{ "merged_response_p50_ms: c <= 10.5 ms", 1000, CHECKLIST_UNDECIDED,
		  "the target lies within the interval" },
		{ "merged_response_p50_ms: c <= 10.3 ms", 1000, CHECKLIST_FAIL, "" },
		{ "merged_response_p99_ms: c <= 11.01 ms", 1000, CHECKLIST_PASS, "" },
		{ "merged_service_p99_ms: c <= 10.9 ms", 1000, CHECKLIST_FAIL, "" },
		{ "merged_response_p99_ms: c <= 11 ms", 100, CHECKLIST_UNDECIDED,
		  "100 samples; an interval needs 368" },
		{ "merged_response_p50_ms: c <= 11 ms", 0, CHECKLIST_UNDECIDED,
		  "0 samples; an interval needs 6" },
		{ "merged_response_p50_ms: python:c >= 89 %", 1000, CHECKLIST_PASS, "" },
		{ "merged_response_p50_ms: python:c >= 90 %", 1000, CHECKLIST_UNDECIDED,
		  "the target lies within the interval" },
		{ "merged_response_p50_ms: python:c >= 91 %", 1000, CHECKLIST_FAIL, "" },
		{ "merged_response_p99_ms: python:c >= 80 %", 100, CHECKLIST_UNDECIDED,
		  "100 samples; an interval needs 437" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct checklist_row *row;
		struct world w;
		char rules[128];

		open_session(&w);
		result_add_comparison(&w.r, "latency", "alone-full", EVENT_MOUSE, "python", "c");
		add_samples(&w, 'a', "python", 104500, 1000, 6); /* p50 105,000 us */
		add_samples(&w, 'b', "c", 10000, rows[i].n, 6);
		snprintf(rules, sizeof(rules), "[latency]\na = latency/alone-full %s\n",
			 rows[i].clause);
		judge(&w, rules);
		row = row_of(&w, 0, 0);
		if (row->verdict != rows[i].expected || strcmp(row->why, rows[i].why))
			fail_msg("row %zu: %s: %s (%g [%g, %g])", i,
				 checklist_verdict_names[row->verdict], row->why, row->value.value,
				 row->value.low, row->value.high);
		close_session(&w);
	}
}

/* 2,000 samples of one start say nothing of the next one. */
static void percentiles_of_few_runs_are_shown_and_not_judged(void **state UNUSED)
{
	static const struct {
		size_t python, c;
		const char *of_c, *of_both; /* "": judged */
	} rows[] = {
		{ 6, 6, "", "" },
		{ 5, 6, "", "its samples are of 5 runs; 6 are needed" },
		{ 7, 5, "its samples are of 5 runs; 6 are needed",
		  "its samples are of 5 runs; 6 are needed" },
		{ 6, 1, "its samples are of 1 run; 6 are needed",
		  "its samples are of 1 run; 6 are needed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		open_session(&w);
		result_add_comparison(&w.r, "latency", "alone-full", EVENT_MOUSE, "python", "c");
		add_samples(&w, 'a', "python", 104500, 2000, rows[i].python);
		add_samples(&w, 'b', "c", 10000, 2000, rows[i].c);
		judge(&w, "[latency]\na = latency/alone-full merged_response_p99_ms: c <= 20 ms, "
			  "python:c >= 80 %\n");
		assert_string_equal(row_of(&w, 0, 0)->why, rows[i].of_c);
		assert_int_equal(row_of(&w, 0, 0)->verdict,
				 rows[i].of_c[0] ? CHECKLIST_UNDECIDED : CHECKLIST_PASS);
		assert_string_equal(row_of(&w, 0, 1)->why, rows[i].of_both);
		assert_int_equal(row_of(&w, 0, 1)->verdict,
				 rows[i].of_both[0] ? CHECKLIST_UNDECIDED : CHECKLIST_PASS);
		assert_true(row_of(&w, 0, 0)->value.there && row_of(&w, 0, 1)->value.there);
		close_session(&w);
	}
}

static void add_item(struct world *w, const char *implementation, enum item_outcome outcome,
		     const char *value)
{
	struct item_result item = { .scenario = "integration",
				    .extractor = EVENT_MOUSE,
				    .item = "valid JSON",
				    .what = "one object a message",
				    .outcome = outcome,
				    .run = "mouse-traced" };

	snprintf(item.implementation, sizeof(item.implementation), "%s", implementation);
	snprintf(item.value, sizeof(item.value), "%s", value);
	result_add_item(&w->r, &item);
}

static void items_pass_or_fail_with_what_was_seen(void **state UNUSED)
{
	static const struct {
		enum checklist_verdict expected;
		const char *why;
	} rows[] = {
		{ CHECKLIST_PASS, "" },
		{ CHECKLIST_FAIL, "message 3: <b>|x|" },
		{ CHECKLIST_UNDECIDED, "unavailable: the scenario has no database" },
		{ CHECKLIST_UNDECIDED,
		  "not measured: the session has no integration \"valid JSON\" of nobody mouse" },
	};
	struct world w;

	open_session(&w);
	add_item(&w, "c", ITEM_PASS, "12 messages");
	add_item(&w, "python", ITEM_FAIL, "message 3: <b>|x|");
	add_item(&w, "other", ITEM_UNAVAILABLE, "the scenario has no database");
	judge(&w, "[redis]\nright JSON = integration \"valid JSON\": c, python, other, nobody\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(row_of(&w, 0, i)->verdict, rows[i].expected);
		assert_string_equal(row_of(&w, 0, i)->why, rows[i].why);
	}
	assert_string_equal(row_of(&w, 0, 0)->seen, "12 messages");
	assert_string_equal(row_of(&w, 0, 1)->evidence.first, "mouse-traced");
	close_session(&w);
}

/* Of a figure that passes, one that fails, an item that passes, one that fails. */
static void a_session_that_shows_nothing_gives_no_pass(void **state UNUSED)
{
	static const struct {
		const char *fact, *value;
		bool complete;
		enum checklist_verdict expected[4];
		const char *why; /* of the first */
	} rows[] = {
		{ "build.variant",
		  "release",
		  true,
		  { CHECKLIST_PASS, CHECKLIST_FAIL, CHECKLIST_PASS, CHECKLIST_FAIL },
		  "" },
		{ RESULT_FACT_UNFIT,
		  "load 3.1",
		  true,
		  { CHECKLIST_UNDECIDED, CHECKLIST_UNDECIDED, CHECKLIST_UNDECIDED, CHECKLIST_FAIL },
		  "PASS, were it not for this: the host was unfit to measure: load 3.1" },
		{ "build.variant",
		  "asan",
		  true,
		  { CHECKLIST_UNDECIDED, CHECKLIST_UNDECIDED, CHECKLIST_UNDECIDED, CHECKLIST_FAIL },
		  "PASS, were it not for this: measured with the asan build, not release" },
		{ "build.variant",
		  "release",
		  false,
		  { CHECKLIST_UNDECIDED, CHECKLIST_FAIL, CHECKLIST_UNDECIDED, CHECKLIST_FAIL },
		  "PASS, were it not for this: the session is not complete: stopped by a signal" },
	};
	static const char rules[] =
		"[startup]\nready = startup/warm ready_ms: c <= 100 ms, python <= 100 ms\n"
		"[redis]\nright JSON = integration \"valid JSON\": c, python\n";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		open_session(&w);
		w.r.complete = rows[i].complete;
		snprintf(w.r.stopped_by, sizeof(w.r.stopped_by), "%s",
			 w.r.complete ? "" : "stopped by a signal");
		result_add_fact(&w.r, rows[i].fact, "%s", rows[i].value);
		add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
		add_item(&w, "c", ITEM_PASS, "");
		add_item(&w, "python", ITEM_FAIL, "it is not");
		judge(&w, rules);
		for (size_t k = 0; k < 4; k++)
			if (row_of(&w, k / 2, k % 2)->verdict != rows[i].expected[k])
				fail_msg("row %zu, %zu: %s", i, k, row_of(&w, k / 2, k % 2)->why);
		assert_string_equal(row_of(&w, 0, 0)->why, rows[i].why);
		close_session(&w);
	}
}

static void void_and_failed_runs_are_shown_and_have_no_score(void **state UNUSED)
{
	const struct checklist_bad *bad;
	struct buf md = { 0 };
	struct world w;
	struct doc *d;

	open_session(&w);
	add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
	w.r.runs[1].status = RUN_VOID; /* C's first; its value must not count */
	snprintf(w.r.runs[1].why, sizeof(w.r.runs[1].why), "sent: off by -1");
	w.r.runs[3].status = RUN_FAILED;
	judge(&w, "[startup]\nready = startup/warm ready_ms: c <= 97 ms, python, none\n");
	assert_int_equal(row_of(&w, 0, 0)->value.n, 6);
	assert_int_equal(row_of(&w, 0, 0)->verdict, CHECKLIST_PASS);
	assert_int_equal(w.c.n_bad, 1);
	bad = checklist_bad_of(&w.c, row_of(&w, 0, 0));
	assert_non_null(bad);
	assert_int_equal(bad->voids, 1);
	assert_int_equal(bad->failed, 1);
	assert_string_equal(bad->first->id, "mouse-0-00-c");
	assert_null(checklist_bad_of(&w.c, row_of(&w, 0, 1)));
	d = doc_new(&doc_markdown, RENDER_CHECKLIST_TITLE, &md);
	render_checklist(&w.c, d);
	doc_end(d);
	assert_non_null(strstr(buf_str(&md), "- startup, mouse C: 1 void, 1 failed; the first is "
					     "`mouse-0-00-c`: sent: off by -1"));
	buf_release(&md);
	close_session(&w);
}

static void every_void_run_leaves_it_undecided(void **state UNUSED)
{
	struct world w;

	open_session(&w);
	add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
	for (size_t i = 0; i < w.r.n_runs; i++)
		w.r.runs[i].status = RUN_VOID;
	judge(&w, "[startup]\nready = startup/warm ready_ms: c <= 100 ms, python:c >= 1 %\n");
	assert_int_equal(row_of(&w, 0, 0)->verdict, CHECKLIST_UNDECIDED);
	assert_string_equal(row_of(&w, 0, 0)->why,
			    "not measured: no valid run: see the runs that do not count");
	assert_string_equal(row_of(&w, 0, 1)->why, "no ratio: no pair of runs is valid");
	close_session(&w);
}

/* Also what other people's files may hold: markup stays text, in every output. */
static void outputs_say_what_was_judged(void **state UNUSED)
{
	static const char *const expected[] = {
		"**FAIL**: 2 passed, 2 failed, 8 undecided; 0 measured without a target.",
		"\n## Start-up\n\n| item | extractor | of | verdict | target | measured | interval | evidence |\n",
		"| ready | mouse | C | PASS | <= 100 ms | 93.50 ms | [90.00, 97.00] (n 8, ",
		"| `mouse-0-03-c` of 8 runs |",
		"**FAIL**: a \\<b>",
	};
	struct buf md = { 0 }, json = { 0 }, html = { 0 };
	struct world w;
	struct doc *d;
	cJSON *root;

	open_session(&w);
	add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
	add_item(&w, "c", ITEM_PASS, "");
	add_item(&w, "python", ITEM_FAIL, "a <b>\"\\");
	judge(&w, "[startup]\nready = startup/warm ready_ms: c <= 100 ms, python <= 100 ms\n"
		  "[redis]\nright JSON = integration \"valid JSON\": c, python\n");
	d = doc_new(&doc_markdown, RENDER_CHECKLIST_TITLE, &md);
	render_checklist(&w.c, d);
	doc_end(d);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (!strstr(buf_str(&md), expected[i]))
			fail_msg("not found: %s\nin: %s", expected[i], buf_str(&md));
	d = doc_new(&doc_html, RENDER_CHECKLIST_TITLE, &html);
	render_checklist(&w.c, d);
	doc_end(d);
	assert_non_null(strstr(buf_str(&html), "a &lt;b&gt;"));
	assert_null(strstr(buf_str(&html), "a <b>"));
	checklist_write_json(&w.c, &json);
	root = cJSON_Parse(buf_str(&json));
	assert_non_null(root);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "rows")), 12);
	cJSON_Delete(root);
	buf_release(&md);
	buf_release(&html);
	buf_release(&json);
	close_session(&w);
}

static void a_summary_is_a_verdict_and_what_failed_first(void **state UNUSED)
{
	struct buf md = { 0 };
	struct world w;
	struct doc *d;

	open_session(&w);
	add_pairs(&w, "startup", "warm", METRIC_READY, 8, 90, 1, 2);
	judge(&w, "[startup]\na = startup/warm ready_ms: c <= 10 ms, python <= 10 ms\n"
		  "b = startup/warm ready_ms: c <= 11 ms, python <= 11 ms\n"
		  "d = startup/warm ready_ms: c <= 12 ms, python <= 12 ms\n");
	d = doc_new(&doc_markdown, "x", &md);
	render_checklist_summary(&w.c, d);
	doc_end(d);
	assert_non_null(strstr(buf_str(&md), "[Performance checklist](checklist.html) **FAIL**: 0 "
					     "passed, 6 failed, 12 undecided"));
	assert_non_null(strstr(buf_str(&md), "- **FAIL** Start-up, a, mouse, C: 93.50 ms "));
	assert_non_null(strstr(buf_str(&md), "asked for: <= 10 ms"));
	assert_non_null(strstr(buf_str(&md), "- … and 2 more that failed."));
	buf_release(&md);
	close_session(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pass_needs_the_whole_interval_and_so_does_fail),
		cmocka_unit_test(a_target_is_judged_in_the_figures_unit_with_its_interval),
		cmocka_unit_test(bytes_are_stated_in_the_unit_of_reports),
		cmocka_unit_test(few_runs_decide_nothing),
		cmocka_unit_test(an_improvement_is_what_the_pairs_say),
		cmocka_unit_test(a_thousand_events_take_what_the_drain_says),
		cmocka_unit_test(percentiles_are_judged_by_their_ordered_samples),
		cmocka_unit_test(percentiles_of_few_runs_are_shown_and_not_judged),
		cmocka_unit_test(items_pass_or_fail_with_what_was_seen),
		cmocka_unit_test(a_session_that_shows_nothing_gives_no_pass),
		cmocka_unit_test(void_and_failed_runs_are_shown_and_have_no_score),
		cmocka_unit_test(every_void_run_leaves_it_undecided),
		cmocka_unit_test(outputs_say_what_was_judged),
		cmocka_unit_test(a_summary_is_a_verdict_and_what_failed_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
