/* Reports from known values: verdicts, voids, and the way through results.json. */
#include <errno.h>
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
#include "harness/result_json.h"
#include "tests/unit/harness/report/report_text.h"

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

/* A model may be built again; done() ends it. */
static void rebuild(struct model *m, const struct result *r)
{
	struct err e = ERR_INIT;

	model_release(m);
	assert_int_equal(model_check(r, &e), 0);
	model_build(m, r);
}

static void done(struct model *m)
{
	model_release(m);
	free(m);
}

static const struct model_ratio *ratio(struct model *m, const struct result *r)
{
	rebuild(m, r);
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
		{ 7, 5, 0.01, VERDICT_TOO_FEW }, /* 98.4 % is no A/A at 99 % */
		{ 7, 1, 0.01, VERDICT_NO_DIFFERENCE },
	};
	struct model *m = calloc(1, sizeof(*m));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r;

		fill(&r, rows[i].pairs, rows[i].times, rows[i].noise);
		assert_int_equal(ratio(m, &r)->verdict, rows[i].expected);
		result_release(&r);
	}
	done(m);
}

static void a_void_run_takes_its_pair_out(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct result r;

	fill(&r, 8, 5, 0.01);
	r.runs[0].status = RUN_VOID;
	r.runs[0].metrics[METRIC_DRAIN_RATE].value = 1e9; /* must not count */
	assert_int_equal(ratio(m, &r)->est.n, 7);
	assert_string_equal(m->sections[0].rows[0].cells[1].implementation, "python");
	assert_true(m->sections[0].rows[0].cells[1].est.value < 2000);
	for (size_t i = 0; i < r.n_runs; i++)
		r.runs[i].status = RUN_VOID;
	assert_int_equal(ratio(m, &r)->verdict, VERDICT_VOID);
	result_release(&r);
	done(m);
}

static void without_an_aa_nothing_is_better(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 8, 5, 0.01);
	r.n_comparisons = 1; /* the second is A/A */
	assert_int_equal(ratio(m, &r)->verdict, VERDICT_TOO_FEW);
	assert_string_equal(m->sections[0].rows[0].ratios[0].why, "no A/A");
	report_text(m, NULL, &md);
	assert_non_null(strstr(buf_str(&md), "| not measured (n 0) | undecided: no A/A |"));
	buf_release(&md);
	result_release(&r);
	done(m);
}

/* What was measured and only disturbed is not what was done wrongly. */
static void a_comparison_of_disturbed_pairs_is_undecided_not_void(void **state UNUSED)
{
	struct result r = { 0 };
	struct model *m = calloc(1, sizeof(*m));
	const struct model_ratio *x;

	fill(&r, 8, 5, 0.01);
	for (size_t i = 0; i < r.n_runs; i++)
		r.runs[i].status = RUN_DISTURBED;
	x = ratio(m, &r);
	assert_int_equal(x->est.n, 0);
	assert_int_equal(x->with_disturbed.n, 8);
	assert_int_equal(x->verdict, VERDICT_TOO_FEW);
	assert_string_equal(x->why, "the host disturbed every pair");
	assert_string_equal(m->sections[0].rows[0].cells[0].why, "the host disturbed every run");
	result_release(&r);
	done(m);
}

static void an_unfit_host_stands_at_the_top(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct buf fit = { 0 }, unfit = { 0 };
	struct result r;

	fill(&r, 8, 5, 0.01);
	model_build(m, &r);
	report_text(m, NULL, &fit);
	assert_null(strstr(buf_str(&fit), "unfit"));
	result_add_fact(&r, RESULT_FACT_UNFIT, "cores: 1 allowed");
	report_text(m, NULL, &unfit);
	assert_non_null(strstr(buf_str(&unfit),
			       "\n> **The host was unfit to measure: cores: 1 allowed.** "));
	buf_release(&fit);
	buf_release(&unfit);
	result_release(&r);
	done(m);
}

/* What the trials of a search came to; the first has the lowest rate. */
struct trial_row {
	const char *implementation;
	int search;
	double rate_per_s;
	bool held;
	enum run_status status;
	const char *why;
};

static void add_trials(struct result *r, const struct trial_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct run run = { .scenario = "throughput",
				   .phase = "sustain",
				   .extractor = EVENT_MOUSE,
				   .comparison = -1,
				   .pair = -1,
				   .status = rows[i].status };
		struct trial trial = { .scenario = "throughput",
				       .extractor = EVENT_MOUSE,
				       .search = rows[i].search,
				       .rate_per_s = rows[i].rate_per_s,
				       .held = rows[i].held,
				       .pacing_p99_us = 1500,
				       .run = (int)r->n_runs };

		snprintf(run.id, sizeof(run.id), "trial-%zu", i);
		snprintf(run.implementation, sizeof(run.implementation), "%s",
			 rows[i].implementation);
		snprintf(trial.implementation, sizeof(trial.implementation), "%s",
			 rows[i].implementation);
		snprintf(trial.why, sizeof(trial.why), "%s", rows[i].why);
		run.instrument.pacing_p99_us = NAN;
		result_add_run(r, &run);
		result_add_trial(r, &trial);
	}
}

static void the_sustained_rate_is_what_the_searches_can_bear(void **state UNUSED)
{
	static const struct {
		struct trial_row trials[4];
		size_t n;
		const char *cells, *verdict; /* in the report: C and Python; the ratio's row */
	} rows[] = {
		{ { { "python", 0, 2000, true, RUN_OK, "" },
		    { "python", 0, 4000, false, RUN_STOPPED, "120 ms behind" },
		    { "c", 0, 8000, true, RUN_OK, "" },
		    { "c", 0, 9000, false, RUN_VOID, "sent: off by -1" } },
		  4,
		  "| sustained | k events/s | 8.0 (n 1) | 2.0 (n 1) | 4.00 (n 1) | undecided: no A/A of "
		  "searches |",
		  "| sustained | 4.00 | n = 1, no interval | not measured (n 0) | undecided: no A/A of "
		  "searches |" },
		/* nothing was too high: a lower bound; a disturbed trial is no evidence */
		{ { { "python", 0, 2000, true, RUN_OK, "" },
		    { "python", 0, 4000, false, RUN_STOPPED, "120 ms behind" },
		    { "c", 0, 8000, true, RUN_OK, "" },
		    { "c", 0, 9000, false, RUN_DISTURBED, "steal" } },
		  4,
		  "| ≥ 8.0 (n 1, 1 only lower bound) | 2.0 (n 1) | ≥ 4.00 (n 1) |",
		  "| sustained | ≥ 4.00 |" },
		/* a trial's word does not count against its run's status */
		{ { { "python", 0, 2000, true, RUN_VOID, "" },
		    { "c", 0, 8000, true, RUN_OK, "" },
		    { "python", 1, 2000, true, RUN_OK, "" },
		    { "c", 1, 8000, true, RUN_OK, "" } },
		  4,
		  "only lower bounds) | unavailable: 1 of 2 searches held none, not even 2 k events/s: "
		  "no reason was given |",
		  "| sustained | unavailable: searches held no rate |" },
		{ { { "python", 0, 2000, false, RUN_STOPPED,
		      "unavailable: the subject has no counters" },
		    { "c", 0, 8000, true, RUN_OK, "" } },
		  2,
		  "not even 2 k events/s: the subject has no counters |",
		  "| sustained | unavailable: searches held no rate |" },
		{ { { "python", 0, 2000, true, RUN_OK, "" }, { "c", 0, 8000, true, RUN_OK, "" } },
		  2,
		  "| ≥ 8.0 (n 1, 1 only lower bound) | ≥ 2.0 (n 1, 1 only lower bound) |",
		  "| sustained | unavailable: both sides are only lower bounds |" },
	};
	struct model *m = calloc(1, sizeof(*m));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf md = { 0 };
		struct result r;

		fill(&r, 8, 5, 0.01);
		add_trials(&r, rows[i].trials, rows[i].n);
		rebuild(m, &r);
		report_text(m, NULL, &md);
		if (!strstr(buf_str(&md), rows[i].cells) || !strstr(buf_str(&md), rows[i].verdict))
			fail_msg("row %zu: %s", i, buf_str(&md));
		buf_release(&md);
		result_release(&r);
	}
	done(m);
}

static void trials_are_counted_with_the_status_of_their_runs(void **state UNUSED)
{
	static const struct trial_row rows[] = {
		{ "c", 0, 8000, true, RUN_OK, "" },
		{ "c", 0, 8500, true, RUN_DISTURBED, "" },
		{ "c", 0, 9000, false, RUN_VOID, "sent: off by -1" },
	};
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 8, 5, 0.01);
	add_trials(&r, rows, ARRAY_SIZE(rows));
	r.trials[2].run = 1000; /* a results.json may say so: no such run */
	rebuild(m, &r);
	report_text(m, NULL, &md);
	assert_non_null(strstr(buf_str(&md), "3 trials: 1 held; 0 void, 0 failed, 1 disturbed, 1 "
					     "without a run, which do not count as held."));
	assert_non_null(strstr(buf_str(&md), "33 ok, 1 void, 0 failed, 1 disturbed"));
	assert_non_null(strstr(buf_str(&md), "| 1.5 ms | disturbed | no |"));
	assert_int_equal(m->pacing_p99_us.n, 32 + 3);
	buf_release(&md);
	result_release(&r);
	done(m);
}

static void every_ledger_closed_is_said_only_of_every_ledger(void **state UNUSED)
{
	static const struct {
		const char *expected;
		int runs, opened, untold, without;
		enum run_status status; /* of the first run */
	} rows[] = {
		{ "Every ledger closed.", 4, 0, 0, 0, RUN_OK },
		{ "Ledger: no line open, 3 closed, 1 line could not be told.", 4, 0, 1, 0, RUN_OK },
		{ "Ledger: **1 line open**, 1 closed, 2 lines could not be told.", 4, 1, 2, 0,
		  RUN_OK },
		{ "Ledger: no line open, 3 closed, 1 run ended before the ledger.", 4, 0, 0, 1,
		  RUN_OK },
		{ "No ledger was kept.", 0, 0, 0, 0, RUN_OK },
		{ "1 stopped as the rate was too high. Every ledger closed.", 4, 0, 0, 1,
		  RUN_STOPPED },
	};
	struct model *m = calloc(1, sizeof(*m));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf md = { 0 };
		struct result r = { .complete = true };

		for (int k = 0; k < rows[i].runs; k++) {
			struct run run = { .comparison = -1 };
			int kind = k - rows[i].opened;

			if (k < rows[i].opened)
				ledger_add(&run.ledger, "sent", 2, 1, "%s", "");
			else if (kind < rows[i].untold)
				ledger_unavailable(&run.ledger, "sent", "%s", "nobody knows");
			else if (kind >= rows[i].untold + rows[i].without)
				ledger_add(&run.ledger, "sent", 2, 2, "%s", "");
			run.status = k ? RUN_OK : rows[i].status;
			result_add_run(&r, &run);
		}
		rebuild(m, &r);
		report_text(m, NULL, &md);
		if (!strstr(buf_str(&md), rows[i].expected))
			fail_msg("row %zu: %s", i, buf_str(&md));
		buf_release(&md);
		result_release(&r);
	}
	done(m);
}

static void the_instrument_s_cost_is_printed(void **state UNUSED)
{
	static const char *const expected[] = {
		"| prober, samples a run | 4 [4, 4] |",
		"| prober CPU per sample | 25.0 [25.0, 25.0] | µs | n = 32,",
		"| questions asked to the subject a run | 9 [9, 9] |",
		"held back | 12.5 [12.5, 12.5] | % |",
		"| eBPF − /proc, CPU time, per 10 s | -250.0 [-250.0, -250.0] | µs | n = 32,",
		"| within 0.5 % or 1 ms per 10 s | 24 of 32 [57, 89] | runs [%] |",
		"| time slices whose beginning eBPF did not see | 1.00 [1.00, 1.00] | % |",
		"Python, 8 runs without trace: every possible cut-off was allowed, 16 messages unchecked: early.",
	};
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 8, 5, 0.01);
	for (size_t i = 0; i < r.n_runs; i++) {
		struct run *run = &r.runs[i];

		run->instrument.prober_samples = 4;
		run->instrument.prober_cpu_us = 100;
		run->instrument.stats_asked = 9;
		run->instrument.held_back_frac = 0.125;
		run->instrument.ebpf_cpu_us_per_10s = -250;
		run->instrument.ebpf_cpu_within = i % 4 > 0;
		run->instrument.ebpf_unseen_frac = 0.01;
		if (!strcmp(run->implementation, "python")) {
			run->oracle.unchecked = 2;
			snprintf(run->oracle.note, sizeof(run->oracle.note), "early");
		}
	}
	rebuild(m, &r);
	report_text(m, NULL, &md);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (!strstr(buf_str(&md), expected[i]))
			fail_msg("%s: %s", expected[i], buf_str(&md));
	assert_null(strstr(buf_str(&md), "\nC, "));
	buf_release(&md);
	result_release(&r);
	done(m);
}

static void without_ebpf_the_report_says_why(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 8, 5, 0.01);
	for (size_t i = 0; i < r.n_runs; i++) {
		r.runs[i].instrument.ebpf_cpu_us_per_10s = NAN;
		r.runs[i].instrument.ebpf_cpu_within = NAN;
		snprintf(r.runs[i].instrument.ebpf_why, sizeof(r.runs[i].instrument.ebpf_why),
			 "built without clang");
	}
	rebuild(m, &r);
	report_text(m, NULL, &md);
	assert_non_null(strstr(buf_str(&md),
			       "| eBPF against /proc | unavailable: built without clang | | |"));
	assert_null(strstr(buf_str(&md), "within 0.5 %"));
	buf_release(&md);
	result_release(&r);
	done(m);
}

static void no_headline_stands_without_a_figure(void **state UNUSED)
{
	static const struct {
		enum metric_id metric;
		const char *expected; /* NULL: no headline */
	} rows[] = {
		{ METRIC_FIRST_FEATURE,
		  "| throughput, drain: exec to first features | 0.200× better | "
		  "less |\n" },
		{ METRIC_CPU_HUMAN, "CPU at human rate | 0.200× better |" },
		{ METRIC_FAULTS, NULL },
	};
	struct model *m = calloc(1, sizeof(*m));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf md = { 0 };
		struct result r;

		fill(&r, 8, 0.2, 0);
		for (size_t k = 0; k < r.n_runs; k++) {
			run_set(&r.runs[k], rows[i].metric,
				r.runs[k].metrics[METRIC_DRAIN_RATE].value);
			r.runs[k].metrics[METRIC_DRAIN_RATE] = (struct metric_value){ 0 };
		}
		rebuild(m, &r);
		report_text(m, NULL, &md);
		assert_null(strstr(buf_str(&md), "C / Python: ."));
		if (rows[i].expected)
			assert_non_null(strstr(buf_str(&md), rows[i].expected));
		else
			assert_null(strstr(buf_str(&md), "C / Python: "));
		buf_release(&md);
		result_release(&r);
	}
	done(m);
}

static void counts_have_a_ratio_and_no_verdict(void **state UNUSED)
{
	static const struct {
		const char *implementation;
		double value;
	} counts[] = {
		{ "null", 800 }, { "c", 2400 }, { "null", 800 }, { "c", 2400 }, { "c", 2400 }
	};
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .complete = true, .seed = 1 };
	const struct model_ratio *x;

	result_add_comparison(&r, "cpu", "instructions", EVENT_MOUSE, "null", "c");
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct run run = { .scenario = "cpu",
				   .phase = "instructions",
				   .extractor = EVENT_MOUSE,
				   .comparison = -1,
				   .pair = -1 };

		snprintf(run.implementation, sizeof(run.implementation), "%s",
			 counts[i].implementation);
		run_set(&run, METRIC_INSTRUCTIONS, counts[i].value);
		result_add_run(&r, &run);
	}
	rebuild(m, &r);
	assert_int_equal(m->n_sections, 1);
	assert_int_equal(m->sections[0].rows[0].cells[1].est.n, 3);
	x = &m->sections[0].rows[0].ratios[0];
	assert_int_equal(x->est.n, 2);
	assert_true(fabs(x->est.value - 3) < 1e-9);
	assert_int_equal(x->verdict, VERDICT_TOO_FEW);
	assert_string_equal(x->why, "a count, not made in pairs");
	result_release(&r);
	done(m);
}

static void another_tools_opinion_stands_beside_ours(void **state UNUSED)
{
	struct opinion theirs = { .scenario = "throughput",
				  .implementation = "c",
				  .extractor = EVENT_MOUSE,
				  .tool = "hyperfine 9.9",
				  .n = 3,
				  .median = 3,
				  .mean = 3.5,
				  .stddev = 0.25,
				  .min = 2,
				  .max = 5 };
	struct opinion none = { .scenario = "throughput",
				.implementation = "null",
				.extractor = EVENT_MOUSE,
				.median = NAN,
				.why = "hyperfine is not installed" };
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 8, 5, 0);
	for (size_t i = 0; i < r.n_runs; i++) {
		snprintf(r.runs[i].phase, sizeof(r.runs[i].phase), "warm");
		run_set(&r.runs[i], METRIC_READY, 2);
	}
	for (size_t i = 0; i < r.n_comparisons; i++)
		snprintf(r.comparisons[i].phase, sizeof(r.comparisons[i].phase), "warm");
	result_add_opinion(&r, &theirs);
	result_add_opinion(&r, &none);
	rebuild(m, &r);
	assert_int_equal(m->n_opinions, 2);
	assert_true(m->opinions[0].ratio == 1.5);
	assert_true(isnan(m->opinions[1].ratio));
	report_text(m, NULL, &md);
	assert_non_null(strstr(buf_str(&md), "By hyperfine 9.9, from before fork"));
	assert_non_null(strstr(buf_str(&md),
			       "| mouse | C | 3.00 (2.00 … 5.00, n 3) | 3.50 ± 0.25 | "
			       "2.00 [2.00, 2.00] (n 24) | 1.50 |\n"));
	assert_non_null(strstr(buf_str(&md),
			       "| mouse | floor | unavailable: hyperfine is not installed | – | "
			       "unavailable: no valid warm run | – |\n"));
	buf_release(&md);
	result_release(&r);
	done(m);
}

static void results_come_back_from_their_json_to_the_byte(void **state UNUSED)
{
	struct result r, again;
	struct buf first = { 0 }, second = { 0 };
	struct err e = ERR_INIT;
	struct trial trial = { .search = 1,
			       .rate_per_s = 1e5 / 3,
			       .max_lag_ms = NAN,
			       .pacing_p99_us = NAN,
			       .run = -1,
			       .held = true };

	fill(&r, 7, 1 / 3.0, 0.013);
	r.seed = UINT64_MAX;
	result_add_fact(&r, "host \"x\"", "%s", "line\nbreak");
	ledger_add(&r.runs[2].ledger, "sent", 10, 9, "%s", "dropped");
	run_unavailable(&r.runs[3], METRIC_RSS, "gone");
	snprintf(trial.subject, sizeof(trial.subject), "c-mouse");
	result_add_trial(&r, &trial);
	result_add_opinion(&r, &(struct opinion){ .tool = "hyperfine", .n = 2, .stddev = NAN });
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
		{ "{\"format\":\"seclyzer-bench-results\",\"version\":1}", "version is not 2" },
		{ "{\"format\":\"seclyzer-bench-results\",\"version\":2}", "session" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result r;
		struct err e = ERR_INIT;

		assert_true(result_read_json(&r, rows[i].text, strlen(rows[i].text), &e) < 0);
		assert_non_null(strstr(e.text, rows[i].expected));
		result_release(&r);
	}
}

static void names_that_could_write_elsewhere_are_refused(void **state UNUSED)
{
	static const char *const names[] = { "../x", "a\"; system(\"id\")", "a|b", "a\nb", ".x" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct result r;
		struct err e = ERR_INIT;

		fill(&r, 1, 1, 0);
		assert_int_equal(model_check(&r, &e), 0);
		snprintf(r.runs[1].implementation, sizeof(r.runs[1].implementation), "%s",
			 names[i]);
		assert_int_equal(model_check(&r, &e), -EINVAL);
		assert_non_null(strstr(e.text, "runs[1]"));
		result_release(&r);
	}
}

static void the_report_says_why_a_run_is_void(void **state UNUSED)
{
	struct model *m = calloc(1, sizeof(*m));
	struct buf md = { 0 };
	struct result r;

	fill(&r, 6, 5, 0.01);
	r.runs[1].status = RUN_VOID;
	snprintf(r.runs[1].why, sizeof(r.runs[1].why), "sent: expected 10, got 9, off by -1");
	rebuild(m, &r);
	report_text(m, "  no gnuplot\n\n\there \n", &md);
	assert_non_null(
		strstr(buf_str(&md), "`run-0-0-1` void: sent: expected 10, got 9, off by -1"));
	assert_non_null(strstr(buf_str(&md), "Plot unavailable: no gnuplot here\n"));
	buf_release(&md);
	result_release(&r);
	done(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_follow_the_interval_and_the_noise),
		cmocka_unit_test(a_void_run_takes_its_pair_out),
		cmocka_unit_test(without_an_aa_nothing_is_better),
		cmocka_unit_test(a_comparison_of_disturbed_pairs_is_undecided_not_void),
		cmocka_unit_test(an_unfit_host_stands_at_the_top),
		cmocka_unit_test(the_sustained_rate_is_what_the_searches_can_bear),
		cmocka_unit_test(trials_are_counted_with_the_status_of_their_runs),
		cmocka_unit_test(every_ledger_closed_is_said_only_of_every_ledger),
		cmocka_unit_test(the_instrument_s_cost_is_printed),
		cmocka_unit_test(without_ebpf_the_report_says_why),
		cmocka_unit_test(no_headline_stands_without_a_figure),
		cmocka_unit_test(counts_have_a_ratio_and_no_verdict),
		cmocka_unit_test(another_tools_opinion_stands_beside_ours),
		cmocka_unit_test(results_come_back_from_their_json_to_the_byte),
		cmocka_unit_test(a_broken_results_file_is_refused_with_its_place),
		cmocka_unit_test(names_that_could_write_elsewhere_are_refused),
		cmocka_unit_test(the_report_says_why_a_run_is_void),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
