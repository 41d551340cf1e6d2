/* Two sessions of known values: what differs is said, what does not is not, and why nothing is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/report/compare.h"
#include "harness/report/render_compare.h"

/*
 * CPU time per event of Python, C and the floor (0: it does not take part), ns, in pairs; noise: a
 * step of five.
 */
struct recipe {
	int pairs, aa_pairs; /* aa: of the floor, too */
	double python, c, noise, floor;
};

static const struct recipe plain = { 8, 8, 10000, 1000, 0.01, 500 };

static void add_runs(struct result *r, int comparison, int pairs, double a, double b, double noise)
{
	const struct comparison *c = &r->comparisons[comparison];

	for (int i = 0; i < 2 * pairs; i++) {
		bool is_b = i & 1;
		struct run run = { .extractor = EVENT_MOUSE,
				   .comparison = comparison,
				   .pair = i / 2,
				   .side = is_b ? 'b' : 'a',
				   .plan_events = 1000 + i };

		snprintf(run.scenario, sizeof(run.scenario), "%s", c->scenario);
		snprintf(run.phase, sizeof(run.phase), "%s", c->phase);
		snprintf(run.implementation, sizeof(run.implementation), "%s", is_b ? c->b : c->a);
		run_set(&run, METRIC_CPU_PER_EVENT,
			(is_b ? b : a) * (1 + noise * ((i / 2 * 7 + is_b * 3) % 5 - 2)));
		result_add_run(r, &run);
	}
}

static void fill(struct result *r, const struct recipe *x)
{
	*r = (struct result){ .seed = 1, .complete = true };
	snprintf(r->profile, sizeof(r->profile), "standard");
	add_runs(r, result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, "python", "c"),
		 x->pairs, x->python, x->c, x->noise);
	add_runs(r, result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, "c", "c"),
		 x->aa_pairs, x->c, x->c, x->noise);
	if (x->floor > 0)
		add_runs(r,
			 result_add_comparison(r, "throughput", "drain", EVENT_MOUSE, "null", "c"),
			 x->aa_pairs, x->floor, x->c, x->noise);
}

/* Both sessions, compared; close() frees. */
struct both {
	struct result results[COMPARE_SIDES];
	struct model models[COMPARE_SIDES];
	struct compare c;
};

static struct both *begin(const struct recipe *a, const struct recipe *b)
{
	struct both *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	fill(&x->results[COMPARE_A], a);
	fill(&x->results[COMPARE_B], b);
	return x;
}

static void build(struct both *x)
{
	struct err e = ERR_INIT;

	for (int s = 0; s < COMPARE_SIDES; s++) {
		assert_int_equal(model_check(&x->results[s], &e), 0);
		model_build(&x->models[s], &x->results[s]);
	}
	compare_build(&x->c, &x->models[COMPARE_A], &x->models[COMPARE_B]);
}

static void end(struct both *x)
{
	compare_release(&x->c);
	for (int s = 0; s < COMPARE_SIDES; s++) {
		model_release(&x->models[s]);
		result_release(&x->results[s]);
	}
	free(x);
}

static const struct compare_row *row(const struct both *x, enum compare_kind kind, const char *of)
{
	const struct compare_list *list = &x->c.lists[kind];

	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->rows[i].of, of))
			return &list->rows[i];
	fail_msg("no row of %s", of);
	return NULL;
}

static void verdicts_follow_what_changed(void **state UNUSED)
{
	static const struct {
		struct recipe b;
		enum verdict ratio, c, python;
	} rows[] = {
		{ { 8, 8, 10000, 1000, 0.01, 500 },
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE },
		{ { 8, 8, 10000, 1300, 0.01, 500 },
		  VERDICT_WORSE,
		  VERDICT_WORSE,
		  VERDICT_NO_DIFFERENCE },
		{ { 8, 8, 10000, 700, 0.01, 500 },
		  VERDICT_BETTER,
		  VERDICT_BETTER,
		  VERDICT_NO_DIFFERENCE },
		/* the host became slower, as the floor shows */
		{ { 8, 8, 15000, 1500, 0.01, 750 },
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE },
		/* and C more than that */
		{ { 8, 8, 15000, 2000, 0.01, 750 },
		  VERDICT_WORSE,
		  VERDICT_WORSE,
		  VERDICT_NO_DIFFERENCE },
		/* nobody knows whether it did */
		{ { 8, 8, 15000, 1500, 0.01, 0 },
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_TOO_FEW,
		  VERDICT_TOO_FEW },
		/* less than A/A of the noisier session shows */
		{ { 8, 8, 10000, 1060, 0.05, 500 },
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE,
		  VERDICT_NO_DIFFERENCE },
		{ { 2, 8, 10000, 1300, 0.01, 500 },
		  VERDICT_TOO_FEW,
		  VERDICT_WORSE,
		  VERDICT_TOO_FEW },
		/* A/A of 7 is none at 99 % */
		{ { 8, 7, 10000, 1300, 0.01, 500 },
		  VERDICT_TOO_FEW,
		  VERDICT_TOO_FEW,
		  VERDICT_NO_DIFFERENCE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct both *x = begin(&plain, &rows[i].b);

		build(x);
		assert_int_equal(row(x, COMPARE_RATIOS, "c")->verdict, rows[i].ratio);
		assert_int_equal(row(x, COMPARE_VALUES, "c")->verdict, rows[i].c);
		assert_int_equal(row(x, COMPARE_VALUES, "python")->verdict, rows[i].python);
		end(x);
	}
}

static void the_change_is_the_shift_of_both_samples(void **state UNUSED)
{
	static const struct recipe slower = { 8, 8, 10000, 1300, 0.01, 500 };
	struct both *x = begin(&plain, &slower), *y = begin(&slower, &plain);
	const struct compare_row *ab, *ba;

	build(x);
	build(y);
	ab = row(x, COMPARE_RATIOS, "c");
	ba = row(y, COMPARE_RATIOS, "c");
	assert_string_equal(ab->against, "python");
	assert_true(fabs(ab->change.value - 1.3) < 1e-9);
	assert_true(ab->change.low > 1.2 && ab->change.high < 1.4 && ab->change.low < 1.3);
	assert_true(fabs(ab->change.value * ba->change.value - 1) < 1e-12);
	assert_true(fabs(ab->change.low * ba->change.high - 1) < 1e-12);
	assert_int_equal(ba->verdict, VERDICT_BETTER);
	ab = row(x, COMPARE_VALUES, "c");
	assert_true(fabs(ab->change.value - 1.3) < 0.01);
	assert_int_equal(ab->sides[COMPARE_B].n,
			 32); /* 8 beside Python, 16 of A/A, 8 beside the floor */
	end(x);
	end(y);
}

/* Two ratios can have a verdict, and two values: the floor's shows the host's day. */
static void the_level_is_that_of_all_verdicts_of_a_list_together(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);

	build(x);
	for (int k = 0; k < COMPARE_KINDS; k++) {
		assert_int_equal(x->c.lists[k].judged, 2);
		assert_true(fabs(x->c.lists[k].level - 0.975) < 1e-12);
	}
	assert_int_equal(compare_count(&x->c, VERDICT_NO_DIFFERENCE), 4);
	assert_int_equal(row(x, COMPARE_VALUES, "null")->verdict, VERDICT_TOO_FEW);
	assert_string_equal(row(x, COMPARE_VALUES, "null")->why,
			    "it shows what the host's day changed");
	end(x);
}

/* What B is changed by, and who loses the verdict: other work all, another host values alone. */
static void verdicts_need_the_same_work_and_those_of_values_the_same_host(void **state UNUSED)
{
	static const char other[] = "not the same work";
	static const struct {
		const char *key, *a, *b;
		int events; /* more in each of B's plans */
		const char *profile, *why, *ratios_why;
	} rows[] = {
		{ "host.kernel", "Linux 6.1", "Linux 6.2", 0, "standard", "another host", NULL },
		{ "cores", "subject on 1", "subject on 0", 0, "standard", "another host", NULL },
		{ "host.kernel", "Linux 6.1", "Linux 6.2", 0, "full", "another host", other },
		{ "x", "1", "1", 0, "full", "another profile", other },
		{ "scenario throughput", "/a/x.ini; window 30 s", "/a/x.ini; window 20 s", 0,
		  "standard", "other settings of the scenario", other },
		{ "settings of throughput", "settle_s=1", "settle_s=2", 0, "standard",
		  "other settings of the scenario", other },
		{ "x", "1", "1", 1000, "standard", "plans of another size", other },
		{ "x", "1", "1", 20, "standard", NULL, NULL },
		{ "scenario throughput", "/a/x.ini; window 30 s", "/b/x.ini; window 30 s", 0,
		  "standard", NULL, NULL },
		{ "load before", "0.1", "9", 0, "standard", NULL, NULL },
		{ "version.redis", "7", "8", 0, "standard", NULL, NULL },
	};
	static const struct recipe slower = { 8, 8, 10000, 1300, 0.01, 500 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct both *x = begin(&plain, &slower);
		struct result *b = &x->results[COMPARE_B];
		const struct compare_row *c;

		result_add_fact(&x->results[COMPARE_A], rows[i].key, "%s", rows[i].a);
		result_add_fact(b, rows[i].key, "%s", rows[i].b);
		snprintf(b->profile, sizeof(b->profile), "%s", rows[i].profile);
		for (size_t k = 0; k < b->n_runs; k++)
			b->runs[k].plan_events += rows[i].events;
		build(x);
		c = row(x, COMPARE_RATIOS, "c");
		assert_int_equal(c->verdict, rows[i].ratios_why ? VERDICT_TOO_FEW : VERDICT_WORSE);
		if (rows[i].ratios_why)
			assert_string_equal(c->why, rows[i].ratios_why);
		assert_true(fabs(c->change.value - 1.3) < 1e-9); /* is there all the same */
		c = row(x, COMPARE_VALUES, "c");
		assert_int_equal(c->verdict, rows[i].why ? VERDICT_TOO_FEW : VERDICT_WORSE);
		if (rows[i].why)
			assert_string_equal(c->why, rows[i].why);
		assert_true(fabs(c->change.value - 1.3) < 0.01);
		end(x);
	}
}

static void what_has_no_ratio_says_why(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);
	const struct compare_row *c;

	for (size_t i = 0; i < x->results[COMPARE_B].n_runs; i++)
		run_set(&x->results[COMPARE_B].runs[i], METRIC_CPU_PER_EVENT, i == 3 ? 0 : 1000);
	build(x);
	c = row(x, COMPARE_VALUES, "c");
	assert_int_equal(c->verdict, VERDICT_TOO_FEW);
	assert_int_equal(c->change.n, 0);
	assert_string_equal(c->why, "values of 0 or below have no ratio");
	assert_int_equal(x->c.lists[COMPARE_RATIOS].n, 1); /* B's report has none of Python's */
	assert_string_equal(x->c.lists[COMPARE_RATIOS].rows[0].against, "null");
	end(x);
}

static void add_search(struct result *r, const char *implementation, double rate, bool bound)
{
	for (int k = 0; k < (bound ? 1 : 2); k++) {
		struct trial trial = { .scenario = "throughput",
				       .extractor = EVENT_MOUSE,
				       .rate_per_s = k ? 2 * rate : rate,
				       .held = !k,
				       .run = (int)r->n_runs };
		struct run run = { .scenario = "throughput",
				   .phase = "sustain",
				   .extractor = EVENT_MOUSE,
				   .comparison = -1,
				   .pair = -1,
				   .status = k ? RUN_STOPPED : RUN_OK };

		snprintf(trial.implementation, sizeof(trial.implementation), "%s", implementation);
		snprintf(run.implementation, sizeof(run.implementation), "%s", implementation);
		result_add_run(r, &run);
		result_add_trial(r, &trial);
	}
}

static void searches_are_divided_without_a_verdict(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);
	const struct compare_row *found[2] = { NULL, NULL };

	for (int s = 0; s < COMPARE_SIDES; s++) {
		add_search(&x->results[s], "python", 1000, false);
		add_search(&x->results[s], "c", s ? 8000 : 4000, false);
	}
	build(x);
	for (int k = 0; k < COMPARE_KINDS; k++)
		for (size_t i = 0; i < x->c.lists[k].n; i++)
			if (x->c.lists[k].rows[i].metric == METRIC_SUSTAINED_RATE &&
			    !strcmp(x->c.lists[k].rows[i].of, "c"))
				found[k] = &x->c.lists[k].rows[i];
	for (int k = 0; k < COMPARE_KINDS; k++) {
		assert_non_null(found[k]);
		assert_true(fabs(found[k]->change.value - 2) < 1e-9);
		assert_int_equal(found[k]->verdict, VERDICT_TOO_FEW);
		assert_string_equal(found[k]->why, "no A/A of searches");
	}
	end(x);
}

static void a_bound_is_not_divided(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);
	bool seen = false;

	for (int s = 0; s < COMPARE_SIDES; s++)
		add_search(&x->results[s], "c", 4000, s == COMPARE_B);
	build(x);
	for (size_t i = 0; i < x->c.lists[COMPARE_VALUES].n; i++) {
		const struct compare_row *c = &x->c.lists[COMPARE_VALUES].rows[i];

		if (c->metric != METRIC_SUSTAINED_RATE)
			continue;
		seen = true;
		assert_int_equal(c->bounds[COMPARE_B], BOUND_BELOW);
		assert_int_equal(c->change.n, 0);
		assert_string_equal(c->why, "a side is only a bound");
	}
	assert_true(seen);
	end(x);
}

/* ---- what only one has, and what is not the same ------------------------------------------ */

static const struct compare_absent *absent(const struct both *x, size_t i)
{
	assert_true(i < x->c.n_absent);
	return &x->c.absent[i];
}

static void what_only_one_session_has_is_listed_with_the_reason(void **state UNUSED)
{
	static const struct recipe no_floor = { 8, 8, 10000, 1000, 0.01, 0 };
	struct both *x = begin(&no_floor, &no_floor);
	struct result *a = &x->results[COMPARE_A], *b = &x->results[COMPARE_B];

	add_runs(a, result_add_comparison(a, "memory", "memory", EVENT_MOUSE, "null", "c"), 1, 1, 1,
		 0);
	add_runs(b, result_add_comparison(b, "throughput", "duet", EVENT_MOUSE, "null", "c"), 1, 1,
		 1, 0);
	add_runs(b, result_add_comparison(b, "throughput", "drain", EVENT_MOUSE, "null", "c"), 1, 1,
		 1, 0);
	for (size_t i = 0; i < a->n_runs; i++) {
		run_set(&a->runs[i], METRIC_RSS, 1e6);
		run_set(&a->runs[i], METRIC_FAULTS, 7);
	}
	for (size_t i = 0; i < b->n_runs; i++) {
		bool is_c = !strcmp(b->runs[i].implementation, "c");

		run_unavailable(&b->runs[i], METRIC_RSS, "no smaps");
		if (is_c)
			run_unavailable(&b->runs[i], METRIC_FAULTS, "no counters");
		else
			run_set(&b->runs[i], METRIC_FAULTS, 7);
	}
	build(x);
	assert_int_equal(absent(x, 0)->only_in, COMPARE_A);
	assert_ptr_equal(absent(x, 0)->metric, &metrics[METRIC_RSS]);
	assert_null(absent(x, 0)->of); /* of nobody */
	assert_string_equal(absent(x, 0)->why, "no smaps");
	assert_ptr_equal(absent(x, 1)->metric, &metrics[METRIC_FAULTS]);
	assert_string_equal(absent(x, 1)->of, "c");
	assert_string_equal(absent(x, 1)->why, "no counters");
	assert_string_equal(absent(x, 2)->of, "c"); /* the ratio */
	assert_string_equal(absent(x, 2)->against, "python");
	assert_string_equal(absent(x, 2)->why, "no counters");
	assert_string_equal(absent(x, 3)->scenario, "memory");
	assert_null(absent(x, 3)->section);
	assert_string_equal(absent(x, 3)->why, "not among its scenarios");
	assert_int_equal(absent(x, 4)->only_in, COMPARE_B);
	assert_string_equal(absent(x, 4)->of, "null");
	assert_string_equal(absent(x, 4)->why, "did not take part");
	assert_string_equal(absent(x, 5)->section->phase, "duet");
	assert_string_equal(absent(x, 5)->why, "not in its phases or extractors");
	assert_int_equal(x->c.n_absent, 6);
	end(x);
}

static void differences_are_cut_to_what_differs_and_joined(void **state UNUSED)
{
	static const char *const facts[][3] = {
		{ "subject c-mouse", "mouse commit abc, gcc 12", "mouse commit def, gcc 12" },
		{ "subject c-app", "app commit abc, gcc 12", "app commit def, gcc 12" },
		{ "version.redis", "7.0", "7.2" },
		{ "noise score", "1", "2" },
		{ "host.os", "Debian 12", "Debian 12" },
	};
	struct both *x = begin(&plain, &plain);

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		for (int s = 0; s < COMPARE_SIDES; s++)
			result_add_fact(&x->results[s], facts[i][0], "%s", facts[i][1 + s]);
	result_add_fact(&x->results[COMPARE_B], "generator", "%s", "SCHED_FIFO");
	result_add_fact(&x->results[COMPARE_B], "subject python-app", "%s", "took no part in A");
	x->results[COMPARE_B].seed = 2;
	build(x);
	assert_int_equal(x->c.n_differences, 4);
	assert_string_equal(x->c.differences[0].what, "version.redis");
	assert_string_equal(x->c.differences[0].sides[COMPARE_B], "7.2");
	assert_string_equal(x->c.differences[1].what, "generator");
	assert_string_equal(x->c.differences[1].sides[COMPARE_A], "not said");
	assert_string_equal(x->c.differences[2].what, "subject c-mouse, subject c-app");
	assert_string_equal(x->c.differences[2].sides[COMPARE_A], "… abc, …");
	assert_string_equal(x->c.differences[2].sides[COMPARE_B], "… def, …");
	assert_int_equal(x->c.differences[2].n, 2);
	assert_string_equal(x->c.differences[3].what, "seed of plans and orders");
	end(x);
}

static void many_things_of_one_difference_are_counted(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);

	for (int i = 0; i < COMPARE_NAMED_MAX + 3; i++)
		for (int s = 0; s < COMPARE_SIDES; s++) {
			char key[32];

			snprintf(key, sizeof(key), "fact %d", i);
			result_add_fact(&x->results[s], key, "%s", s ? "new" : "old");
		}
	build(x);
	assert_int_equal(x->c.n_differences, 1);
	assert_int_equal(x->c.differences[0].n, COMPARE_NAMED_MAX + 3);
	assert_null(strstr(x->c.differences[0].what, "fact 8"));
	end(x);
}

/* The share of figures whose own intervals overlap, whatever the verdicts say. */
static void sessions_agree_as_far_as_their_intervals_do(void **state UNUSED)
{
	static const struct recipe no_floor = { 8, 8, 10000, 1000, 0.01, 0 };
	static const struct {
		struct recipe b;
		size_t values, values_overlap, ratios, ratios_overlap;
	} rows[] = {
		{ { 8, 8, 10000, 1000, 0.01, 0 }, 2, 2, 1, 1 },
		{ { 8, 8, 20000, 2000, 0.01, 0 }, 2, 0, 1, 1 }, /* the host got slower */
		{ { 8, 8, 10000, 2000, 0.01, 0 }, 2, 1, 1, 0 },
		{ { 5, 0, 10000, 1000, 0.01, 0 }, 0, 0, 0, 0 }, /* too few for an interval */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct both *x = begin(&no_floor, &rows[i].b);
		size_t n = rows[i].values + rows[i].ratios;

		build(x);
		assert_int_equal(x->c.lists[COMPARE_VALUES].stated, rows[i].values);
		assert_int_equal(x->c.lists[COMPARE_VALUES].overlap, rows[i].values_overlap);
		assert_int_equal(x->c.lists[COMPARE_RATIOS].stated, rows[i].ratios);
		assert_int_equal(x->c.lists[COMPARE_RATIOS].overlap, rows[i].ratios_overlap);
		if (n)
			assert_true(fabs(compare_agreement(&x->c) -
					 (double)(rows[i].values_overlap + rows[i].ratios_overlap) /
						 (double)n) < 1e-12);
		else
			assert_true(isnan(compare_agreement(&x->c)));
		end(x);
	}
}

static void render(const struct both *x, const struct doc_form *form, struct buf *out)
{
	struct buf title = { 0 };
	struct doc *d;

	render_compare_title(&x->c, &title);
	d = doc_new(form, buf_str(&title), out);
	render_compare(&x->c, d);
	doc_end(d);
	buf_release(&title);
}

static void an_item_that_fails_in_b_alone_is_worse(void **state UNUSED)
{
	static const enum item_outcome outcomes[][COMPARE_SIDES] = {
		{ ITEM_PASS, ITEM_PASS },
		{ ITEM_PASS, ITEM_FAIL },
		{ ITEM_FAIL, ITEM_UNAVAILABLE },
	};
	struct both *x = begin(&plain, &plain);
	struct buf md = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		for (int s = 0; s < COMPARE_SIDES; s++) {
			struct item_result item = { .scenario = "integration",
						    .implementation = "c",
						    .extractor = EVENT_APP,
						    .outcome = outcomes[i][s] };

			snprintf(item.item, sizeof(item.item), "item %zu", i);
			result_add_item(&x->results[s], &item);
		}
	build(x);
	assert_int_equal(x->c.compared_outcomes, 3);
	assert_int_equal(x->c.n_outcomes, 2);
	assert_true(x->c.outcomes[0].worse && !x->c.outcomes[1].worse);
	assert_true(compare_any_worse(&x->c));
	assert_int_equal(compare_count(&x->c, VERDICT_WORSE), 0);
	render(x, &doc_markdown, &md);
	assert_non_null(strstr(buf_str(&md), "| item 1 | app | C | pass | **fail** |\n"
					     "| item 2 | app | C | fail | unavailable |\n"));
	buf_release(&md);
	end(x);
}

static void the_document_says_what_came_out_first(void **state UNUSED)
{
	static const char *const in_order[] = {
		"# Sessions compared: first and second\n",
		"profile standard, started 1970-01-01T00:00:00",
		"> The host of B was unfit to measure: cores: 1 allowed.",
		"- Ratios, 2 in both sessions: 0 better, 2 worse, 0 no difference seen, 0 undecided.\n",
		"- Values, 3 in both sessions: 0 better, 1 worse, 1 no difference seen, 1 undecided.\n",
		"- **worse** throughput, drain: mouse: CPU per event, C / Python: B / A 1.30 [",
		"- **worse** throughput, drain: mouse: CPU per event, C / floor: B / A 1.30 [",
		"- **worse** throughput, drain: mouse: CPU per event, ns, C: B / A 1.30 [",
		"overlap in 2 of 3 values and 0 of 2 ratios (40.0 %)",
		"## What is not the same\n",
		"| version.redis | 7.0 | 7.2 |\n",
		"## Ratios within each session, and B / A\n",
		"interval of B / A that does not hold 1, at 97.5 %: then all verdicts that are possible here (2) ",
		"| throughput, drain | mouse | C / Python | CPU per event | 0.10",
		"| **worse** |\n",
		"## Values, and B / A\n",
		"| throughput, drain | mouse | C | CPU per event, ns | 1000 [",
		"\nUndecided: it shows what the host's day changed (1).\n",
		"## Values: no difference seen (1)\n",
		"## Values: undecided (1)\n",
		"| undecided: it shows what the host's day changed |\n",
		"## Runs\n",
		"| ok | 48 | 51 |\n| void | 0 | 1 |\n",
		"## Figures whose own intervals do not overlap\n",
		"## How this was made\n",
	};
	static const struct recipe slower = { 8, 9, 10000, 1300, 0.01, 500 };
	struct both *x = begin(&plain, &slower);
	struct buf md = { 0 }, html = { 0 };
	const char *at;

	snprintf(x->results[COMPARE_A].id, sizeof(x->results[COMPARE_A].id), "first");
	snprintf(x->results[COMPARE_B].id, sizeof(x->results[COMPARE_B].id), "second");
	result_add_fact(&x->results[COMPARE_A], "version.redis", "7.0");
	result_add_fact(&x->results[COMPARE_B], "version.redis", "7.2");
	result_add_fact(&x->results[COMPARE_B], RESULT_FACT_UNFIT, "cores: 1 allowed");
	x->results[COMPARE_B].runs[33].status = RUN_VOID; /* which leaves 8 pairs of A/A */
	build(x);
	render(x, &doc_markdown, &md);
	at = buf_str(&md);
	for (size_t i = 0; i < ARRAY_SIZE(in_order); i++) {
		const char *found = strstr(at, in_order[i]);

		if (!found)
			fail_msg("not found: %s\nin: %s", in_order[i], at);
		at = found;
	}
	render(x, &doc_html, &html);
	assert_non_null(strstr(buf_str(&html), "<title>Sessions compared: first and second"));
	buf_release(&md);
	buf_release(&html);
	end(x);
}

static void the_document_says_what_another_host_and_other_work_mean(void **state UNUSED)
{
	static const char hosts[] =
		"Host or cores are not the same in both, and C / Python depends on the CPU";

	for (int other = 0; other < 2; other++) {
		struct both *x = begin(&plain, &plain);
		struct buf md = { 0 };

		result_add_fact(&x->results[COMPARE_A], "host.kernel", "6.1");
		result_add_fact(&x->results[COMPARE_B], "host.kernel", other ? "6.2" : "6.1");
		snprintf(x->results[COMPARE_B].profile, sizeof(x->results[COMPARE_B].profile), "%s",
			 other ? "full" : "standard");
		build(x);
		render(x, &doc_markdown, &md);
		assert_int_equal(strstr(buf_str(&md), hosts) != NULL, other);
		assert_int_equal(strstr(buf_str(&md), "| undecided: not the same work |") != NULL,
				 other);
		buf_release(&md);
		end(x);
	}
}

static void a_build_that_is_not_release_stands_at_the_top(void **state UNUSED)
{
	struct both *x = begin(&plain, &plain);
	struct buf md = { 0 };

	result_add_fact(&x->results[COMPARE_A], "build.variant", "release");
	result_add_fact(&x->results[COMPARE_B], "build.variant", "asan");
	build(x);
	render(x, &doc_markdown, &md);
	assert_non_null(
		strstr(buf_str(&md), "> B was measured with the asan build, not release.\n"));
	assert_null(strstr(buf_str(&md), "> A was measured"));
	buf_release(&md);
	end(x);
}

static void without_anything_to_judge_the_document_says_so(void **state UNUSED)
{
	static const struct recipe few = { 2, 0, 10000, 1000, 0.01, 0 };
	struct both *x = begin(&few, &few);
	struct buf md = { 0 };

	build(x);
	render(x, &doc_markdown, &md);
	assert_non_null(strstr(buf_str(&md), "No figure can have a verdict here"));
	assert_non_null(strstr(buf_str(&md), "No figure has an interval in both."));
	assert_non_null(strstr(buf_str(&md), "settings and plans are the same in both."));
	assert_null(strstr(buf_str(&md), "nan"));
	buf_release(&md);
	end(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_follow_what_changed),
		cmocka_unit_test(the_change_is_the_shift_of_both_samples),
		cmocka_unit_test(the_level_is_that_of_all_verdicts_of_a_list_together),
		cmocka_unit_test(verdicts_need_the_same_work_and_those_of_values_the_same_host),
		cmocka_unit_test(what_has_no_ratio_says_why),
		cmocka_unit_test(searches_are_divided_without_a_verdict),
		cmocka_unit_test(a_bound_is_not_divided),
		cmocka_unit_test(what_only_one_session_has_is_listed_with_the_reason),
		cmocka_unit_test(differences_are_cut_to_what_differs_and_joined),
		cmocka_unit_test(many_things_of_one_difference_are_counted),
		cmocka_unit_test(sessions_agree_as_far_as_their_intervals_do),
		cmocka_unit_test(an_item_that_fails_in_b_alone_is_worse),
		cmocka_unit_test(the_document_says_what_came_out_first),
		cmocka_unit_test(the_document_says_what_another_host_and_other_work_mean),
		cmocka_unit_test(a_build_that_is_not_release_stands_at_the_top),
		cmocka_unit_test(without_anything_to_judge_the_document_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
