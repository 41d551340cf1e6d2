/* The judgement rule by rule, from evidence and from sessions; what it is said in. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/decision_json.h"
#include "harness/judge/decision_words.h"
#include "harness/judge/render_decision.h"
#include "tests/stats/truths.h"

/* cmocka's compares floats. */
static void near(double a, double b, double within)
{
	if (!(fabs(a - b) <= within))
		fail_msg("%.17g is not %.17g", a, b);
}

static void contains(struct buf *b, const char *want)
{
	if (!strstr(buf_str(b), want))
		fail_msg("not found: %s\nin: %s", want, buf_str(b));
}

/* ---- evidence made by hand: exact ends, no bootstrap --------------------------------- */

static const struct model_ratio compared = { .a = "python", .b = "c" };

static void set_cost(struct decision_evidence *x, int slot, double low, double value, double high,
		     enum verdict verdict)
{
	x->figures[slot].cost = (struct estimate){ .n = 8,
						   .value = value,
						   .low = low,
						   .high = high,
						   .level = 0.95,
						   .se = (high - low) / 4 };
	x->figures[slot].verdict = verdict;
}

/* Nothing against C, and every metric costs that. */
static void fill(struct decision_evidence *x, const struct decision_rules *rules, double low,
		 double value, double high, enum verdict verdict)
{
	static struct model_cell idle = { .est = { .n = 8, .level = 0.95 } };

	memset(x, 0, sizeof(*x));
	for (int i = 0; i < DECISION_SLOTS; i++) {
		x->figures[i] =
			(struct decision_figure){ .rule = &rules->metrics[i],
						  .metric = decision_metric_id(&rules->metrics[i]),
						  .ratio = &compared,
						  .from = &idle,
						  .to = &idle,
						  .apart = { NAN, NAN, NAN } };
		set_cost(x, i, low, value, high, verdict);
	}
	x->record[0].checked = x->record[1].checked = 100;
	x->items.passed = 30;
	x->cpu_idle[0] = x->cpu_idle[1] = &idle;
}

struct world {
	struct decision_rules rules;
	struct decision_evidence x;
	struct decision_judgement j;
};

/* Savings are another test's: not asked here. */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	truth_rules(&w->rules);
	w->rules.payback_months_max = 0;
	fill(&w->x, &w->rules, 0.4, 0.5, 0.6, VERDICT_BETTER);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	decision_rules_release(&w->rules);
	free(w);
	return 0;
}

static enum decision_verdict judge(struct world *w)
{
	decision_judge(&w->j, &w->rules, &w->x);
	return w->j.verdict;
}

static void decided(struct world *w, enum decision_verdict verdict, enum decision_rule rule)
{
	if (judge(w) != verdict || w->j.deciding != rule)
		fail_msg("%s by %s, expected %s by %s", decision_verdict_names[w->j.verdict],
			 decision_rule_infos[w->j.deciding].name, decision_verdict_names[verdict],
			 decision_rule_infos[rule].name);
}

static void the_end_of_the_interval_decides(void **state)
{
	struct world *w = *state;
	static const struct {
		double low, value, high;
		enum verdict verdict;
		enum decision_verdict expected;
	} rows[] = {
		{ 0.4, 0.5, 0.7499, VERDICT_BETTER, DECISION_SWITCH }, /* 25 % at its worst */
		{ 0.4, 0.5, 0.7501, VERDICT_BETTER, DECISION_UNDECIDED },
		{ 0.7499, 0.8, 0.85, VERDICT_BETTER, DECISION_UNDECIDED },
		{ 0.7501, 0.8, 0.85, VERDICT_BETTER,
		  DECISION_KEEP }, /* 25 % not even at its best */
		{ 0.4, 0.5, 0.6, VERDICT_NO_DIFFERENCE, DECISION_UNDECIDED }, /* within A/A */
		{ 0.97, 1.0, 1.03, VERDICT_NO_DIFFERENCE, DECISION_KEEP },
		{ 1.2, 1.3, 1.4, VERDICT_WORSE, DECISION_KEEP },
		{ 0.4, 0.5, 0.6, VERDICT_TOO_FEW, DECISION_UNDECIDED },
		{ 0.4, 0.5, 0.6, VERDICT_VOID, DECISION_UNDECIDED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(&w->x, &w->rules, rows[i].low, rows[i].value, rows[i].high, rows[i].verdict);
		if (judge(w) != rows[i].expected)
			fail_msg("row %zu: %s by %s", i, decision_verdict_names[w->j.verdict],
				 decision_rule_infos[w->j.deciding].name);
	}
}

static void the_mean_is_weighted(void **state)
{
	struct world *w = *state;

	set_cost(&w->x, DECISION_MEMORY, 0.1, 0.1, 0.1, VERDICT_BETTER);
	judge(w);
	/* 0.75 * (1 - 0.6) + 0.25 * 0.9 */
	near(w->j.gain.low, 0.525, 1e-12);
	near(w->j.gain.high, 0.75 * 0.6 + 0.25 * 0.9, 1e-12);
}

static void a_saving_too_small_to_matter_counts_as_none(void **state)
{
	struct world *w = *state;

	set_cost(&w->x, DECISION_MEMORY, 0.92, 0.93, 0.94, VERDICT_BETTER);
	judge(w);
	near(w->j.counted[DECISION_MEMORY].gain.high, 0, 0);
	set_cost(&w->x, DECISION_MEMORY, 0.88, 0.93, 0.94, VERDICT_BETTER);
	judge(w);
	near(w->j.counted[DECISION_MEMORY].gain.high, 0.12, 1e-12);
	near(w->j.counted[DECISION_MEMORY].gain.low, 0, 0);
}

static void a_loss_beyond_its_limit_is_keep_whatever_is_gained(void **state)
{
	struct world *w = *state;

	set_cost(&w->x, DECISION_LATENCY, 1.11, 1.2, 1.3, VERDICT_WORSE);
	decided(w, DECISION_KEEP, RULE_LOSS);
	assert_int_equal(w->j.slots[RULE_LOSS], DECISION_LATENCY);
	set_cost(&w->x, DECISION_LATENCY, 1.09, 1.2, 1.3, VERDICT_WORSE); /* perhaps allowed */
	decided(w, DECISION_UNDECIDED, RULE_LOSS);
	set_cost(&w->x, DECISION_LATENCY, 1.01, 1.05, 1.1, VERDICT_WORSE);
	decided(w, DECISION_SWITCH, RULE_GAIN);
	w->rules.metrics[DECISION_LATENCY].weight = 0; /* its limit stays */
	set_cost(&w->x, DECISION_LATENCY, 1.11, 1.2, 1.3, VERDICT_WORSE);
	decided(w, DECISION_KEEP, RULE_LOSS);
}

static void without_a_verdict_a_loss_must_still_be_ruled_out(void **state)
{
	struct world *w = *state;
	struct decision_figure *f = &w->x.figures[DECISION_LATENCY];

	set_cost(&w->x, DECISION_LATENCY, 0.1, 0.1, 0.1, VERDICT_TOO_FEW);
	decided(w, DECISION_UNDECIDED, RULE_MEASURED);
	f->apart = (struct decision_range){ 0.2, 0.3, 0.4 };
	decided(w, DECISION_SWITCH, RULE_GAIN);
	near(w->j.counted[DECISION_LATENCY].gain.low, 0, 0);  /* nothing towards switch */
	near(w->j.counted[DECISION_LATENCY].gain.high, 1, 0); /* everything towards keep */
	f->apart.high = 1.09;
	decided(w, DECISION_SWITCH, RULE_GAIN);
	near(w->j.counted[DECISION_LATENCY].gain.low, -0.09, 1e-12);
	f->apart.high = 1.2;
	decided(w, DECISION_UNDECIDED, RULE_MEASURED);
	w->rules.metrics[DECISION_LATENCY].weight = 0;
	decided(w, DECISION_SWITCH, RULE_GAIN);
}

/* One of 30 % of the weight: where all others decide it needs no verdict, else it does. */
static void a_metric_without_a_verdict_matters_only_where_it_could_decide(void **state)
{
	struct world *w = *state;
	struct decision_figure *f = &w->x.figures[DECISION_CPU_HUMAN];

	fill(&w->x, &w->rules, 1, 1, 1, VERDICT_NO_DIFFERENCE);
	f->verdict = VERDICT_TOO_FEW;
	f->apart = (struct decision_range){ 0.5, 0.5, 0.5 };
	decided(w, DECISION_UNDECIDED, RULE_GAIN); /* 0.3 * 1 may be reached */
	assert_int_equal(w->j.slots[RULE_GAIN], DECISION_CPU_HUMAN);
	w->rules.threshold_frac = 0.31;
	decided(w, DECISION_KEEP, RULE_GAIN);
}

static void what_is_wrong_is_keep_before_anything_else(void **state)
{
	static const struct model_soak leaky = { .counted = 1,
						 .slopes = { .leak = MODEL_LEAK_YES } };
	struct world *w = *state;

	w->x.record[1].bookless = 1;
	decided(w, DECISION_UNDECIDED, RULE_LEDGER);
	w->x.variant = "debug";
	decided(w, DECISION_UNDECIDED, RULE_FIT);
	w->x.variant = NULL;
	w->x.unfit = "cores: 1";
	decided(w, DECISION_UNDECIDED, RULE_FIT);
	w->x.soak = &leaky;
	decided(w, DECISION_KEEP, RULE_LEAK);
	w->x.items.failed = 1;
	decided(w, DECISION_KEEP, RULE_ITEMS);
	w->x.record[1].failed = 1;
	decided(w, DECISION_KEEP, RULE_RUNS);
	w->x.record[1].open_lines = 1;
	decided(w, DECISION_KEEP, RULE_LEDGER);
	w->x.record[1].wrong = 1;
	decided(w, DECISION_KEEP, RULE_RIGHT);
	w->x.record[1].wrong = 0;
	w->x.record[0].wrong = 1; /* the old one's is no reason to keep it */
	decided(w, DECISION_KEEP, RULE_LEDGER);
}

static void what_cannot_be_told_is_never_a_switch(void **state)
{
	static const struct model_soak sound = { .counted = 1,
						 .slopes = { .leak = MODEL_LEAK_NO } };
	struct world *w = *state;

	w->x.stopped = "SIGINT";
	decided(w, DECISION_UNDECIDED, RULE_COMPLETE);
	w->x.stopped = NULL;
	w->x.record[0].unchecked = 1;
	decided(w, DECISION_UNDECIDED, RULE_CHECKED);
	w->x.record[0].unchecked = 0;
	w->x.record[1].untraced = 1;
	decided(w, DECISION_UNDECIDED, RULE_CHECKED);
	w->x.record[1].untraced = 0;
	w->x.record[0] = (struct decision_record){ .checked = 0 };
	decided(w, DECISION_UNDECIDED, RULE_CHECKED);
	w->x.record[0].checked = 1;
	w->x.items = (struct decision_items){ 0 };
	decided(w, DECISION_UNDECIDED, RULE_ITEMS);
	w->x.items = (struct decision_items){ .passed = 1, .unavailable = 1, .one_sided = 1 };
	decided(w, DECISION_UNDECIDED, RULE_ITEMS);
	w->x.items.one_sided = 0;
	w->rules.soak = WANT_REQUIRED;
	decided(w, DECISION_UNDECIDED, RULE_LEAK);
	w->rules.soak = WANT_IF_MEASURED;
	w->x.soak_lost = 1; /* a leak cannot disappear with its file */
	decided(w, DECISION_UNDECIDED, RULE_LEAK);
	w->x.soak_lost = 0;
	w->rules.soak = WANT_REQUIRED;
	w->x.soak = &sound;
	decided(w, DECISION_SWITCH, RULE_GAIN);
}

static void all_together_follow_from_each(void **state)
{
	static const struct {
		size_t by_verdict[DECISION_VERDICTS];
		enum decision_verdict hybrid, pure; /* allowed or not */
	} rows[] = {
		{ { [DECISION_KEEP] = 3 }, DECISION_KEEP, DECISION_KEEP },
		{ { [DECISION_SWITCH] = 3 }, DECISION_SWITCH, DECISION_SWITCH },
		{ { [DECISION_KEEP] = 1, [DECISION_SWITCH] = 2 }, DECISION_HYBRID, DECISION_KEEP },
		{ { [DECISION_KEEP] = 1, [DECISION_SWITCH] = 1, [DECISION_UNDECIDED] = 1 },
		  DECISION_HYBRID,
		  DECISION_KEEP },
		{ { [DECISION_SWITCH] = 2, [DECISION_UNDECIDED] = 1 },
		  DECISION_UNDECIDED,
		  DECISION_UNDECIDED },
		{ { [DECISION_KEEP] = 2, [DECISION_UNDECIDED] = 1 },
		  DECISION_UNDECIDED,
		  DECISION_KEEP },
		{ { [DECISION_UNDECIDED] = 3 }, DECISION_UNDECIDED, DECISION_UNDECIDED },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		w->rules.hybrid = true;
		assert_int_equal(decision_of_all(&w->rules, rows[i].by_verdict), rows[i].hybrid);
		w->rules.hybrid = false;
		assert_int_equal(decision_of_all(&w->rules, rows[i].by_verdict), rows[i].pure);
	}
}

/* ---- sensitivity ---------------------------------------------------------------------- */

static const struct decision_flip *flip_of(const struct decision_extractor *x, const char *section,
					   const char *key, bool above)
{
	for (size_t i = 0; i < x->n_flips; i++)
		if (!strcmp(x->flips[i].key.section, section) &&
		    !strcmp(x->flips[i].key.name, key) &&
		    (x->flips[i].from > x->flips[i].now) == above)
			return &x->flips[i];
	return NULL;
}

static void a_flip_is_where_the_arithmetic_says(void **state)
{
	struct world *w = *state;
	struct decision_extractor *x = calloc(1, sizeof(*x));
	const struct decision_flip *f;

	/* Memory saves nothing for certain, the others 40 ... 60 %: weight 0.25 of 1. */
	set_cost(&w->x, DECISION_MEMORY, 1, 1, 1, VERDICT_NO_DIFFERENCE);
	judge(w);
	x->evidence = w->x;
	x->judged = w->j;
	assert_int_equal(x->judged.verdict, DECISION_SWITCH); /* 0.75 * 0.4 = 0.30 */
	decision_vary(x, &w->rules);
	f = flip_of(x, "gain", "threshold_frac", true);
	assert_non_null(f);
	near(f->from, 0.30, 1e-9);
	assert_int_equal(f->verdict, DECISION_UNDECIDED);
	assert_null(flip_of(x, "gain", "threshold_frac", false));
	/* 0.4 * 0.75 / (0.75 + w) < 0.25 from w = 0.45 */
	f = flip_of(x, "memory", "weight", true);
	assert_non_null(f);
	near(f->from, 0.45, 1e-9);
	assert_null(flip_of(x, "memory", "weight", false));
	/* 0.30 - 0.3 * 0.4 = 0.18 without [cpu_human]: from where 40 % does not count */
	f = flip_of(x, "cpu_human", "gain_frac", true);
	assert_non_null(f);
	near(f->from, 0.4, 1e-9);
	assert_int_equal(x->ends[DECISION_CPU_HUMAN].worst, DECISION_SWITCH);
	free(x);
}

/* At a flip the verdict is the other one, just before it is not. */
static void every_flip_is_exact(void **state)
{
	struct world *w = *state;
	struct decision_extractor *x = calloc(1, sizeof(*x));

	set_cost(&w->x, DECISION_MEMORY, 0.5, 0.9, 1.0, VERDICT_NO_DIFFERENCE);
	set_cost(&w->x, DECISION_CPU_HUMAN, 0.8, 0.85, 0.92, VERDICT_BETTER);
	judge(w);
	x->evidence = w->x;
	x->judged = w->j;
	decision_vary(x, &w->rules);
	assert_true(x->n_flips > 3);
	for (size_t i = 0; i < x->n_flips; i++) {
		const struct decision_flip *f = &x->flips[i];
		double *at = (double *)(void *)((char *)&w->rules + f->key.offset), now = *at;
		double step = 1e-9 * (f->from > now ? 1 : -1);

		*at = f->from;
		assert_int_equal(judge(w), f->verdict);
		*at = f->from - step;
		if (judge(w) != x->judged.verdict)
			fail_msg("[%s] %s: %.17g", f->key.section, f->key.name, f->from);
		*at = now;
	}
	free(x);
}

static void the_ends_of_an_interval_may_decide_differently(void **state)
{
	struct world *w = *state;
	struct decision_extractor *x = calloc(1, sizeof(*x));

	fill(&w->x, &w->rules, 0.75, 0.75, 0.75, VERDICT_BETTER);
	set_cost(&w->x, DECISION_MEMORY, 0.5, 0.7, 0.9, VERDICT_BETTER);
	judge(w);
	assert_int_equal(w->j.verdict, DECISION_UNDECIDED);
	assert_int_equal(w->j.slots[RULE_GAIN], DECISION_MEMORY);
	x->evidence = w->x;
	x->judged = w->j;
	decision_vary(x, &w->rules);
	assert_int_equal(x->ends[DECISION_MEMORY].worst, DECISION_KEEP);
	assert_int_equal(x->ends[DECISION_MEMORY].best, DECISION_SWITCH);
	decision_advise(x, &w->rules, &(struct result){ 0 });
	assert_int_equal(x->advice.slot, DECISION_MEMORY);
	assert_int_equal(x->advice.have, 8);
	assert_true(x->advice.want > 8); /* 0.7 from 0.75 with an se of 0.1 */
	free(x);
}

/* ---- savings ---------------------------------------------------------------------------- */

static struct model_cell cell(double low, double value, double high)
{
	return (struct model_cell){
		.est = { .n = 8, .level = 0.95, .low = low, .value = value, .high = high }
	};
}

static void savings_follow_from_loads_and_prices(void **state)
{
	struct world *w = *state;
	struct model_cell ns[2] = { cell(9000, 10000, 11000), cell(1000, 1000, 2000) };
	struct model_cell bytes[2] = { cell(40e6, 40e6, 40e6), cell(10e6, 10e6, 10e6) };
	struct model_cell idle[2] = { cell(0.5, 0.5, 0.5), cell(0, 0, 0) };
	struct decision_saving s;
	struct decision_range months;

	w->rules.events_a_day = 1e6;
	w->rules.active_h = 14;
	w->rules.core_hour_price = 12 * 3600 / 365.25; /* 1 for a CPU second a day and a month */
	w->rules.gb_month_price = 100;
	w->rules.machines = 10;
	for (int side = 0; side < 2; side++)
		w->x.cpu_idle[side] = &idle[side];
	w->x.figures[DECISION_CPU_EVENT].from = &ns[0];
	w->x.figures[DECISION_CPU_EVENT].to = &ns[1];
	w->x.figures[DECISION_MEMORY].from = &bytes[0];
	w->x.figures[DECISION_MEMORY].to = &bytes[1];
	decision_save(&s, &w->rules, &w->x);
	assert_null(s.why);
	/* 9 us * 1e6, and 0.5 % of 10 h */
	near(s.cpu_s_a_day.value, 9 + 180, 1e-9);
	near(s.cpu_s_a_day.low, 7 + 180, 1e-9);
	near(s.cpu_s_a_day.high, 10 + 180, 1e-9);
	near(s.memory_bytes.value, 30e6, 0);
	near(s.money_a_month.value, 189 + 3, 1e-9);
	months = decision_payback(&w->rules, &s, 19200, 0);
	near(months.value, 10, 1e-9);
	assert_true(months.low < 10 && months.high > 10);
	/* Upkeep that eats the savings: never. */
	months = decision_payback(&w->rules, &s, 19200, 1920);
	assert_true(isinf(months.value));
	w->x.cpu_idle[1] = NULL;
	decision_save(&s, &w->rules, &w->x);
	assert_non_null(s.why);
	assert_true(isnan(s.money_a_month.value));
}

static void what_too_few_runs_save_has_no_interval(void **state)
{
	struct world *w = *state;
	struct model_cell bytes[2] = { cell(39e6, 40e6, 41e6), cell(9e6, 10e6, 11e6) };
	struct decision_saving s;

	w->x.figures[DECISION_MEMORY].from = &bytes[0];
	w->x.figures[DECISION_MEMORY].to = &bytes[1];
	bytes[0].est.n = 5;
	bytes[0].est.level = 0.9375;
	decision_save(&s, &w->rules, &w->x);
	near(s.memory_bytes.value, 30e6, 0);
	assert_true(isnan(s.memory_bytes.low) && isnan(s.memory_bytes.high));
	assert_string_equal(s.why, "too few runs have no interval");
	w->rules.payback_months_max = 25; /* a switch with an interval, see below */
	decided(w, DECISION_UNDECIDED, RULE_PAYBACK);
	bytes[0].est.level = 0.95;
	bytes[0].n_bounds = 1; /* at least that */
	decided(w, DECISION_UNDECIDED, RULE_PAYBACK);
	bytes[0].n_bounds = 0;
	decided(w, DECISION_SWITCH, RULE_GAIN);
}

static void a_change_that_does_not_pay_is_keep(void **state)
{
	struct world *w = *state;
	struct model_cell bytes[2] = { cell(39e6, 40e6, 41e6), cell(9e6, 10e6, 11e6) };

	w->x.figures[DECISION_MEMORY].from = &bytes[0];
	w->x.figures[DECISION_MEMORY].to = &bytes[1];
	/* 0.03 GB * 3 * 1,000 machines = 90 a month; 1,800 are paid after 20. */
	w->rules.payback_months_max = 25;
	decided(w, DECISION_SWITCH, RULE_GAIN);
	w->rules.payback_months_max = 20;
	decided(w, DECISION_UNDECIDED, RULE_PAYBACK);
	w->rules.payback_months_max = 15;
	decided(w, DECISION_KEEP, RULE_PAYBACK);
	w->rules.machines = 2000;
	decided(w, DECISION_SWITCH, RULE_GAIN);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/*
 * Three that save 28, 30 or 32 MB each, that is 84, 90 or 96 a month on 1,000 machines.
 * Each costs 1,800 and pays after 18.75 to 21.5 months; all cost 3,000 more.
 */
static struct decision *three(struct world *w, enum verdict mouse)
{
	static struct model_cell bytes[2];
	struct decision *d = calloc(1, sizeof(*d));

	bytes[0] = cell(39e6, 40e6, 41e6);
	bytes[1] = cell(9e6, 10e6, 11e6);
	w->rules.payback_months_max = 40;
	d->rules = &w->rules;
	for (int i = 0; i < EVENT_TYPES; i++) {
		struct decision_extractor *x = &d->extractors[i];

		x->measured = true;
		x->evidence = w->x;
		x->evidence.figures[DECISION_MEMORY].from = &bytes[0];
		x->evidence.figures[DECISION_MEMORY].to = &bytes[1];
		if (i == EVENT_MOUSE && mouse == VERDICT_WORSE)
			set_cost(&x->evidence, DECISION_LATENCY, 1.2, 1.3, 1.4, mouse);
		if (i == EVENT_MOUSE && mouse == VERDICT_TOO_FEW)
			x->evidence.figures[DECISION_LATENCY].verdict = mouse;
	}
	return d;
}

static void next_is(const struct decision *d, const char *want)
{
	struct buf b = { 0 };

	decision_next(d, &b);
	contains(&b, want);
	buf_release(&b);
}

static void whole_is(struct decision *d, enum decision_verdict verdict, enum decision_state pays)
{
	for (int i = 0; i < EVENT_TYPES; i++)
		decision_judge(&d->extractors[i].judged, d->rules, &d->extractors[i].evidence);
	decision_judge_all(&d->whole, d->rules, d->extractors);
	decision_vary_all(d);
	if (d->whole.verdict != verdict || d->whole.pays != pays)
		fail_msg("%s, payback %s", decision_verdict_names[d->whole.verdict],
			 decision_state_names[d->whole.pays]);
}

static void flips_at(const struct decision_flip *f, const char *key, double from,
		     enum decision_verdict verdict)
{
	assert_string_equal(f->key.name, key);
	near(f->from, from, 1e-6);
	assert_int_equal(f->verdict, verdict);
}

static void all_together_must_pay_what_is_paid_once(void **state)
{
	struct world *w = *state;
	struct decision *d = three(w, VERDICT_BETTER);

	/* 8,400 by 252 to 288 a month: after 29.2 to 33.3 months. */
	whole_is(d, DECISION_SWITCH, STATE_HOLDS);
	next_is(d, "keystroke, mouse and app: switch by the steps of the decision, one after");
	near(d->whole.switched.payback_months.high, 8400.0 / 252, 1e-9);
	near(d->whole.switched.payback_months.low, 8400.0 / 288, 1e-9);
	assert_int_equal(d->n_flips, 1);
	flips_at(&d->flips[0], "days_once", (40 * 252 - 5400) / 600.0, DECISION_UNDECIDED);
	w->rules.payback_months_max = 31;
	whole_is(d, DECISION_UNDECIDED, STATE_OPEN);
	next_is(d, "keystroke, mouse and app: wait: whether what is switched pays");
	assert_int_equal(d->n_flips, 2);
	flips_at(&d->flips[0], "days_once", (31 * 252 - 5400) / 600.0, DECISION_SWITCH);
	flips_at(&d->flips[1], "days_once", (31 * 288 - 5400) / 600.0, DECISION_KEEP);
	w->rules.payback_months_max = 29; /* each alone has paid */
	whole_is(d, DECISION_KEEP, STATE_FAILS);
	next_is(d, "keystroke, mouse and app: nothing: by these prices");
	w->rules.payback_months_max = 0;
	whole_is(d, DECISION_SWITCH, STATE_NOT_ASKED);
	free(d);
}

static void a_hybrid_must_pay_two_languages(void **state)
{
	struct world *w = *state;
	struct decision *d = three(w, VERDICT_WORSE);

	/* Two save 168 to 192 a month; four days a year are 200 a month. */
	whole_is(d, DECISION_KEEP, STATE_FAILS);
	w->rules.two_languages_days_a_year = 0.01; /* 0.5 a month */
	whole_is(d, DECISION_HYBRID, STATE_HOLDS);
	next_is(d, "keystroke and app: switch by the steps");
	near(d->whole.switched.payback_months.high, 6600 / 167.5, 1e-9);
	assert_int_equal(d->n_flips, 2);
	/* 6,600 within 40 months: 165 a month of 168 */
	flips_at(&d->flips[1], "two_languages_days_a_year", 3 * 12 / 600.0, DECISION_UNDECIDED);
	free(d);
	/* Where one is undecided it may yet share what is paid once. */
	d = three(w, VERDICT_WORSE);
	w->rules.two_languages_days_a_year = 4;
	d->extractors[EVENT_APP].evidence.stopped = "SIGINT";
	whole_is(d, DECISION_UNDECIDED, STATE_OPEN);
	free(d);
	d = three(w, VERDICT_TOO_FEW);
	whole_is(d, DECISION_UNDECIDED, STATE_NOT_ASKED);
	free(d);
}

/* ---- trials of searches ------------------------------------------------------------------ */

/* One at a rate at which `received` of 1,000 events came, and one message was wrong. */
static size_t wrong_of_trial(int64_t received)
{
	struct run run = { .scenario = "throughput", .status = RUN_VOID, .implementation = "c" };
	struct decision_evidence x;
	struct decision_rules rules;
	struct result r = { .seed = 1, .complete = true };
	struct model *m = calloc(1, sizeof(*m));
	struct trial trial = { .implementation = "c", .run = 0 };

	run.oracle.checked = 20;
	run.oracle.wrong = 1;
	run.comparison = run.pair = -1;
	ledger_add(&run.ledger, "received", 1000, received, "%s", "");
	result_add_run(&r, &run);
	result_add_trial(&r, &trial);
	truth_rules(&rules);
	model_build(m, &r);
	(void)decision_gather(&x, &rules, m, EVENT_KEYSTROKE);
	assert_int_equal(x.record[1].runs, 0);
	assert_int_equal(x.record[1].failed, 0);
	assert_int_equal(x.record[1].open_lines, 0);
	assert_int_equal(x.record[1].checked, 20 * x.record[1].wrong);
	model_release(m);
	decision_rules_release(&rules);
	result_release(&r);
	free(m);
	return (size_t)x.record[1].wrong;
}

static void fast_and_wrong_is_wrong(void **state UNUSED)
{
	assert_int_equal(wrong_of_trial(1000), 1);
	assert_int_equal(wrong_of_trial(999), 0); /* the rate was too high */
}

/* ---- a whole session -------------------------------------------------------------------- */

struct session {
	struct result r;
	struct model *m;
	struct decision_rules rules;
	struct decision *d;
};

static void open_session(struct session *s, const struct truth *t, int pairs)
{
	struct truth changed = *t;
	struct err e = ERR_INIT;

	changed.pairs = pairs;
	truth_session(&s->r, &changed, 1);
	s->m = calloc(1, sizeof(*s->m));
	s->d = calloc(1, sizeof(*s->d));
	model_build(s->m, &s->r);
	truth_rules(&s->rules);
	assert_int_equal(decision_build(s->d, &s->rules, s->m, &e), 0);
}

static void close_session(struct session *s)
{
	decision_rules_release(&s->rules);
	model_release(s->m);
	result_release(&s->r);
	free(s->m);
	free(s->d);
}

static const struct truth *truth_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(truths); i++)
		if (!strcmp(truths[i].name, name))
			return &truths[i];
	fail_msg("no truth %s", name);
	return NULL;
}

static void the_document_says_what_decided_and_how_to_go_on(void **state UNUSED)
{
	static const char *const expected[] = {
		"- keystroke: **undecided** by rule *measured* (`[startup] weight = 0.05`): exec to "
		"first features (startup, warm): too few pairs, n = 3; so have 6 metrics in all.",
		"- mouse: **undecided**: nothing of it was compared in this session.",
		"- What to do next: keystroke: 3 of 6 pairs are missing in startup, warm (and others "
		"in 5 more metrics): run `make bench PROFILE=full`.",
		"| **measured (decides)** |",
		"## What it saves",
		"No soak of 1 extractor",
		"`NAME=keystroke_extractor` or `NAME=mouse_extractor` or `NAME=app_tracker`",
	};
	struct session s = { 0 };
	struct buf md = { 0 }, again = { 0 }, html = { 0 };

	open_session(&s, truth_named("2x, three pairs"), 3);
	assert_int_equal(s.d->whole.verdict, DECISION_UNDECIDED);
	render_decision(s.d, &doc_markdown, &md);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		contains(&md, expected[i]);
	render_decision(s.d, &doc_markdown, &again);
	assert_string_equal(buf_str(&md), buf_str(&again));
	render_decision(s.d, &doc_html, &html);
	contains(&html, "<span class=\"badge void\">undecided</span>");
	buf_release(&md);
	buf_release(&again);
	buf_release(&html);
	close_session(&s);
}

static void a_switch_is_said_with_its_figures_and_its_flips(void **state UNUSED)
{
	struct session s = { 0 };
	struct buf md = { 0 }, json = { 0 };

	open_session(&s, truth_named("2x apart"), 8);
	assert_int_equal(s.d->extractors[EVENT_KEYSTROKE].judged.verdict, DECISION_SWITCH);
	assert_int_equal(s.d->whole.verdict,
			 DECISION_UNDECIDED); /* of the others nothing is known */
	assert_int_equal(s.d->whole.switched.extractors, 1);
	/* Those that were not measured stay as they are. */
	near(s.d->whole.switched.two_languages_a_year, 4 * 600, 0);
	assert_int_equal(s.d->whole.pays, STATE_NOT_ASKED);
	assert_int_equal(s.d->all.extractors, 1);
	render_decision(s.d, &doc_markdown, &md);
	contains(&md, "- keystroke: switch to C by rule *gain* (`[gain] threshold_frac = "
		      "0.25`): saves ");
	contains(&md, "| `[gain] threshold_frac` | 0.25 | above ");
	contains(&md, "`NAME=keystroke_extractor`.");
	contains(&md, "sudo rm -f /etc/systemd/system/$NAME.service.d/python.conf");
	decision_write_json(s.d, &json);
	contains(&json, "{\"extractor\":\"keystroke\",\"measured\":true,\"verdict\":\"switch\","
			"\"rule\":\"gain\"");
	buf_release(&md);
	buf_release(&json);
	close_session(&s);
}

static void says_of_gain(struct session *s, const char *want)
{
	struct decision_extractor *x = &s->d->extractors[EVENT_KEYSTROKE];
	struct buf b = { 0 };

	decision_judge(&x->judged, &s->rules, &x->evidence);
	decision_figure_words(s->d, x, RULE_GAIN, &b);
	contains(&b, want);
	buf_release(&b);
}

static void an_end_that_rests_on_no_verdict_is_not_said(void **state UNUSED)
{
	struct session s = { 0 };
	struct decision_evidence *x;

	open_session(&s, truth_named("2x apart"), 8);
	x = &s.d->extractors[EVENT_KEYSTROKE].evidence;
	fill(x, &s.rules, 0.4, 0.5, 0.6, VERDICT_BETTER);
	says_of_gain(&s, "saves 50.0 [40.0, 60.0] % of the present cost, by 8 or more pairs");
	x->figures[DECISION_CPU_HUMAN].verdict = VERDICT_TOO_FEW;
	says_of_gain(&s, "weighted saving without bounds");
	x->figures[DECISION_CPU_HUMAN].apart = (struct decision_range){ 0.4, 0.5, 0.6 };
	says_of_gain(&s, "weighted saving at least 28.0 % (metrics without a verdict count as "
			 "none), by 8 or more pairs of each metric with a verdict");
	x->figures[DECISION_CPU_HUMAN].apart.high = 1.05;
	says_of_gain(&s, "weighted saving at least 26.5 % (metrics without a verdict count as "
			 "none, or as the loss that is not ruled out)");
	s.rules.threshold_frac = 0.8;
	says_of_gain(&s, "weighted saving at most 72.0 % (metrics without a verdict count as all "
			 "there can be)");
	close_session(&s);
}

static void a_session_of_something_else_has_no_decision(void **state UNUSED)
{
	struct decision *d = calloc(1, sizeof(*d));
	struct model *m = calloc(1, sizeof(*m));
	struct result r = { .id = "other", .complete = true };
	struct decision_rules rules;
	struct err e = ERR_INIT;

	truth_rules(&rules);
	model_build(m, &r);
	assert_int_equal(decision_build(d, &rules, m, &e), -ENODATA);
	assert_string_equal(e.text, "session other compares python and c in none of the metrics "
				    "that the rules weigh");
	model_release(m);
	decision_rules_release(&rules);
	free(m);
	free(d);
}

/* ---- latency without a verdict: runs, not samples ------------------------------------------- */

/* C takes half as long in every sample of every run. */
static void latency_of(struct decision_evidence *x, const struct decision_rules *rules, int pairs)
{
	struct result r = { .seed = 1, .complete = true };
	struct model *m = calloc(1, sizeof(*m));
	int c = result_add_comparison(&r, "latency", "alone-full", EVENT_KEYSTROKE, "python", "c");

	for (int i = 0; i < 2 * pairs; i++) {
		bool is_c = i % 2;
		struct run run = { .scenario = "latency",
				   .phase = "alone-full",
				   .comparison = c,
				   .pair = i / 2,
				   .side = is_c ? 'b' : 'a' };

		snprintf(run.implementation, sizeof(run.implementation), "%s",
			 is_c ? "c" : "python");
		run_set(&run, METRIC_RESPONSE_P50, (is_c ? 500 : 1000) + i);
		truth_samples(&run, is_c ? 500 : 1000);
		result_add_run(&r, &run);
	}
	model_build(m, &r);
	assert_true(decision_gather(x, rules, m, EVENT_KEYSTROKE));
	assert_null(x->figures[DECISION_STARTUP].ratio);
	/* There is no A/A, so no verdict. */
	assert_int_equal(x->figures[DECISION_LATENCY].verdict, VERDICT_TOO_FEW);
	model_release(m);
	result_release(&r);
	free(m);
}

static void samples_of_few_runs_rule_out_no_loss(void **state)
{
	struct world *w = *state;
	struct decision_evidence x;
	struct decision_figure *f = &x.figures[DECISION_LATENCY];

	for (int pairs = 1; pairs < 6; pairs++) {
		latency_of(&x, &w->rules, pairs);
		assert_true(isnan(f->apart.value));
		w->x.figures[DECISION_LATENCY] = *f;
		decided(w, DECISION_UNDECIDED, RULE_MEASURED);
	}
	latency_of(&x, &w->rules, 6);
	assert_int_equal(f->apart_runs, 6);
	near(f->apart.value, 0.5, 0.01);
	assert_true(f->apart.low < 0.5 && f->apart.high > 0.5 && f->apart.high < 0.52);
	w->x.figures[DECISION_LATENCY] = *f;
	decided(w, DECISION_SWITCH, RULE_GAIN);
}

int main(void)
{
#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		WITH_WORLD(the_end_of_the_interval_decides),
		WITH_WORLD(the_mean_is_weighted),
		WITH_WORLD(a_saving_too_small_to_matter_counts_as_none),
		WITH_WORLD(a_loss_beyond_its_limit_is_keep_whatever_is_gained),
		WITH_WORLD(without_a_verdict_a_loss_must_still_be_ruled_out),
		WITH_WORLD(a_metric_without_a_verdict_matters_only_where_it_could_decide),
		WITH_WORLD(what_is_wrong_is_keep_before_anything_else),
		WITH_WORLD(what_cannot_be_told_is_never_a_switch),
		WITH_WORLD(all_together_follow_from_each),
		WITH_WORLD(a_flip_is_where_the_arithmetic_says),
		WITH_WORLD(every_flip_is_exact),
		WITH_WORLD(the_ends_of_an_interval_may_decide_differently),
		WITH_WORLD(savings_follow_from_loads_and_prices),
		WITH_WORLD(what_too_few_runs_save_has_no_interval),
		WITH_WORLD(a_change_that_does_not_pay_is_keep),
		WITH_WORLD(all_together_must_pay_what_is_paid_once),
		WITH_WORLD(a_hybrid_must_pay_two_languages),
		cmocka_unit_test(fast_and_wrong_is_wrong),
		cmocka_unit_test(the_document_says_what_decided_and_how_to_go_on),
		cmocka_unit_test(a_switch_is_said_with_its_figures_and_its_flips),
		cmocka_unit_test(an_end_that_rests_on_no_verdict_is_not_said),
		cmocka_unit_test(a_session_of_something_else_has_no_decision),
		WITH_WORLD(samples_of_few_runs_rule_out_no_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
