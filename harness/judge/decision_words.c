/* Rules, figures and what to do, in words; see decision_words.h. */
#include "harness/judge/decision_words.h"

#include <math.h>
#include <string.h>

#include "harness/report/render_words.h"
#include "harness/report/titles.h"

static void add_number(struct buf *out, double v, int decimals)
{
	if (isnan(v))
		buf_add_str(out, "–");
	else if (isinf(v))
		buf_add_str(out, v > 0 ? "never" : "no bound");
	else
		buf_printf(out, "%.*f", decimals, v);
}

void decision_range_words(const struct decision_range *r, double scale, int decimals,
			  struct buf *out)
{
	add_number(out, r->value * scale, decimals);
	if (isnan(r->low) && isnan(r->high)) /* of a single pair, say */
		return;
	buf_add_str(out, " [");
	add_number(out, r->low * scale, decimals);
	buf_add_str(out, ", ");
	add_number(out, r->high * scale, decimals);
	buf_add_char(out, ']');
}

void decision_verdict_words(const struct decision_rules *r, enum decision_verdict v,
			    struct buf *out)
{
	buf_add_str(out, decision_verdict_names[v]);
	if (v == DECISION_KEEP)
		buf_printf(out, " %s", title_of(r->from));
	if (v == DECISION_SWITCH)
		buf_printf(out, " to %s", title_of(r->to));
}

/* ---- what the file says ----------------------------------------------------------------------- */

static void add_count(struct buf *out, const void *field)
{
	buf_add_i64(out, *(const int64_t *)field);
}

static void add_yes_no(struct buf *out, const void *field)
{
	buf_add_str(out, *(const bool *)field ? "yes" : "no");
}

static void add_want(struct buf *out, const void *field)
{
	static const char *const names[] = { [WANT_REQUIRED] = "required",
					     [WANT_IF_MEASURED] = "if_measured",
					     [WANT_IGNORED] = "ignored" };

	buf_add_str(out, names[*(const int *)field]);
}

static void add_double(struct buf *out, const void *field)
{
	buf_add_double(out, *(const double *)field);
}

#define FIELD(f) offsetof(struct decision_rules, f)

static const struct {
	void (*add)(struct buf *out, const void *field);
	size_t offset; /* of a metric's rule: in its struct */
} settings[DECISION_RULES] = {
	[RULE_RIGHT] = { add_count, FIELD(wrong_messages_max) },
	[RULE_LEDGER] = { add_count, FIELD(open_lines_max) },
	[RULE_RUNS] = { add_count, FIELD(failed_runs_max) },
	[RULE_ITEMS] = { add_count, FIELD(failed_items_max) },
	[RULE_LEAK] = { add_want, FIELD(soak) },
	[RULE_FIT] = { add_yes_no, FIELD(accept_unfit) },
	[RULE_COMPLETE] = { add_yes_no, FIELD(accept_incomplete) },
	[RULE_CHECKED] = { add_count, FIELD(unchecked_messages_max) },
	[RULE_MEASURED] = { add_double, offsetof(struct decision_metric, weight) },
	[RULE_LOSS] = { add_double, offsetof(struct decision_metric, loss_frac) },
	[RULE_GAIN] = { add_double, FIELD(threshold_frac) },
	[RULE_PAYBACK] = { add_double, FIELD(payback_months_max) },
};

void decision_setting_words(const struct decision *d, const struct decision_extractor *x,
			    enum decision_rule rule, struct buf *out)
{
	const struct decision_rule_info *info = &decision_rule_infos[rule];
	const struct decision_items *items = &x->evidence.items;
	int slot = x->judged.slots[rule];
	const void *base = d->rules;

	if (rule == RULE_ITEMS && !items->passed && !items->failed) {
		buf_add_str(out, "[correct] integration = ");
		add_want(out, &d->rules->integration);
		return;
	}

	if (!info->section && slot < 0) {
		buf_printf(out, "%s of every metric", info->key);
		return;
	}
	if (!info->section)
		base = &d->rules->metrics[slot];
	buf_printf(out, "[%s] %s = ", info->section ? info->section : decision_slot_names[slot],
		   info->key);
	settings[rule].add(out, (const char *)base + settings[rule].offset);
}

/* ---- the figures of each rule ------------------------------------------------------------------- */

static void run_words(struct buf *out, const struct run *run)
{
	if (run)
		buf_printf(out, "; first in %s%s%s", run->id, run->why[0] ? ": " : "", run->why);
}

static void right_words(const struct decision *d UNUSED, const struct decision_extractor *x,
			struct buf *out)
{
	const struct decision_record *rec = &x->evidence.record[1];

	buf_printf(out, "%lld of %lld messages wrong", (long long)rec->wrong,
		   (long long)rec->checked);
	if (rec->first_wrong)
		buf_printf(out, "; first in %s: %s", rec->first_wrong->id,
			   rec->first_wrong->oracle.note);
}

static void ledger_words(const struct decision *d UNUSED, const struct decision_extractor *x,
			 struct buf *out)
{
	const struct decision_record *rec = &x->evidence.record[1];

	buf_printf(out, "%zu line%s open in %zu run%s", rec->open_lines, plural(rec->open_lines),
		   rec->runs, plural(rec->runs));
	if (rec->bookless)
		buf_printf(out, "; %zu have no line that closed", rec->bookless);
	run_words(out, rec->first_open);
}

static void runs_words(const struct decision *d UNUSED, const struct decision_extractor *x,
		       struct buf *out)
{
	const struct decision_record *rec = &x->evidence.record[1];

	buf_printf(out, "%zu of %zu run%s void or failed", rec->failed, rec->runs,
		   plural(rec->runs));
	run_words(out, rec->first_failed);
}

static void items_words(const struct decision *d, const struct decision_extractor *x,
			struct buf *out)
{
	const struct decision_items *items = &x->evidence.items;

	if (!items->passed && !items->failed && !items->unavailable) {
		buf_add_str(out, "scenario integration is not in this session");
		return;
	}
	buf_printf(out, "%zu item%s passed, %zu failed, %zu unavailable", items->passed,
		   plural(items->passed), items->failed, items->unavailable);
	if (items->first_failed)
		buf_printf(out, "; %s: %s", items->first_failed->item, items->first_failed->value);
	else if (items->first_one_sided)
		buf_printf(out, "; %s was told of %s only: %s", items->first_one_sided->item,
			   title_of(d->rules->from),
			   strcmp(items->first_one_sided->implementation, d->rules->to)
				   ? "it is not among the other's"
				   : items->first_one_sided->value);
}

static void leak_words(const struct decision *d UNUSED, const struct decision_extractor *x,
		       struct buf *out)
{
	const struct model_soak *soak = x->evidence.soak;

	if (!soak) {
		buf_add_str(out, "no soak in this session");
		return;
	}
	if (x->evidence.soak_lost)
		buf_printf(out, "the series of %zu stretches (soak/*.csv) is not in the folder; ",
			   x->evidence.soak_lost);
	buf_printf(out, "%.2f h of soak: leak %s", soak->slopes.hours,
		   model_leak_names[soak->slopes.leak]);
	if (!soak->counted)
		buf_printf(out, "; no stretch counts: %s", soak->why ? soak->why : "unknown");
	else if (soak->slopes.leak == MODEL_LEAK_UNDECIDED)
		buf_printf(out, " (%s)", soak->slopes.leak_why);
	if (!isnan(soak->slopes.leak_bytes_per_h.low))
		buf_printf(out, ", %.0f [%.0f, %.0f] kB/h at 99 %%",
			   soak->slopes.leak_bytes_per_h.value / 1e3,
			   soak->slopes.leak_bytes_per_h.low / 1e3,
			   soak->slopes.leak_bytes_per_h.high / 1e3);
}

static void fit_words(const struct decision *d UNUSED, const struct decision_extractor *x,
		      struct buf *out)
{
	if (x->evidence.unfit)
		buf_printf(out, "unfit: %s", x->evidence.unfit);
	else if (x->evidence.variant)
		buf_printf(out, "measured with the %s build, not release", x->evidence.variant);
	else
		buf_add_str(out, "nothing was said against it");
}

static void complete_words(const struct decision *d UNUSED, const struct decision_extractor *x,
			   struct buf *out)
{
	if (x->evidence.stopped)
		buf_printf(out, "ended by %s", x->evidence.stopped);
	else
		buf_add_str(out, "every planned run was made");
}

static void checked_words(const struct decision *d, const struct decision_extractor *x,
			  struct buf *out)
{
	const char *names[] = { d->rules->from, d->rules->to };

	for (int side = 0; side < 2; side++) {
		const struct decision_record *rec = &x->evidence.record[side];

		buf_printf(out, "%s%s: %lld checked, %lld unchecked", side ? "; " : "",
			   title_of(names[side]), (long long)rec->checked,
			   (long long)rec->unchecked);
		if (rec->untraced)
			buf_printf(out, ", %zu run%s without trace (accept_untraced = %s)",
				   rec->untraced, plural(rec->untraced),
				   d->rules->accept_untraced ? "yes" : "no");
	}
}

/* "response time p50, by run (latency, alone-full)" */
static void metric_words(struct buf *out, const struct decision_figure *f)
{
	buf_printf(out, "%s (%s, %s)", metrics[f->metric].title, f->rule->scenario, f->rule->phase);
}

static bool is_unproven(const struct decision *d, const struct decision_extractor *x, int slot)
{
	return !x->judged.counted[slot].known && d->rules->metrics[slot].weight > 0;
}

static size_t unproven(const struct decision *d, const struct decision_extractor *x)
{
	size_t n = 0;

	for (int i = 0; i < DECISION_SLOTS; i++)
		n += is_unproven(d, x, i);
	return n;
}

/* Those that weigh and have none. */
static void unproven_words(struct buf *out, const struct decision *d,
			   const struct decision_extractor *x)
{
	size_t n = 0;

	for (int i = 0; i < DECISION_SLOTS; i++)
		if (is_unproven(d, x, i))
			buf_printf(out, "%s%s", n++ ? ", " : "no verdict of ",
				   decision_slot_names[i]);
	buf_add_str(out, n ? ", but both sides' own intervals over runs rule a loss out"
			   : "all that weigh have a verdict");
}

static void measured_words(const struct decision *d, const struct decision_extractor *x,
			   struct buf *out)
{
	int slot = x->judged.slots[RULE_MEASURED];
	const struct decision_figure *f;

	if (slot < 0) {
		unproven_words(out, d, x);
		return;
	}
	f = &x->evidence.figures[slot];
	metric_words(out, f);
	buf_printf(out, ": %s, n = %zu", f->why ? f->why : verdict_names[f->verdict], f->cost.n);
	if (x->advice.slots_short > 1)
		buf_printf(out, "; so have %zu metrics in all", x->advice.slots_short);
}

/* "cost 0.40 [0.38, 0.43], n = 8" */
static void cost_words(struct buf *out, const struct decision_figure *f)
{
	struct decision_range r = { f->cost.low, f->cost.value, f->cost.high };

	if (f->cost.n >= 2) {
		buf_add_str(out, "cost × ");
		decision_range_words(&r, 1, render_ratio_decimals(r.value), out);
		buf_printf(out, ", n = %zu, %.4g %%", f->cost.n, 100 * f->cost.level);
	} else if (!isnan(f->apart.value)) {
		buf_add_str(out, "both sides apart: cost × ");
		decision_range_words(&f->apart, 1, render_ratio_decimals(f->apart.value), out);
		buf_printf(out, ", %zu runs a side", f->apart_runs);
	} else {
		buf_printf(out, "no interval: %s", f->why ? f->why : "too few pairs");
	}
}

/* What the loss is held against: the pairs, or without a verdict of theirs both sides apart. */
static double loss_end(const struct decision_extractor *x, int slot)
{
	const struct decision_figure *f = &x->evidence.figures[slot];

	return x->judged.counted[slot].known ? f->cost.high : f->apart.high;
}

static int worst_slot(const struct decision_extractor *x)
{
	int worst = -1;

	for (int i = 0; i < DECISION_SLOTS; i++) {
		double end = loss_end(x, i);

		if (!isnan(end) && (worst < 0 || end > loss_end(x, worst)))
			worst = i;
	}
	return worst;
}

static void loss_words(const struct decision *d UNUSED, const struct decision_extractor *x,
		       struct buf *out)
{
	int slot = x->judged.slots[RULE_LOSS], worst = worst_slot(x);

	if (slot >= 0) {
		metric_words(out, &x->evidence.figures[slot]);
		buf_add_str(out, ": ");
		cost_words(out, &x->evidence.figures[slot]);
	} else if (worst >= 0) {
		buf_add_str(out, "none; nearest to it is ");
		metric_words(out, &x->evidence.figures[worst]);
		buf_printf(out, ": at worst cost × %.*f", render_ratio_decimals(loss_end(x, worst)),
			   loss_end(x, worst));
	} else {
		buf_add_str(out, "nothing was measured");
	}
}

/* Of the metrics with a verdict. */
static size_t fewest_pairs(const struct decision_extractor *x)
{
	size_t n = 0;

	for (int i = 0; i < DECISION_SLOTS; i++) {
		size_t pairs = x->evidence.figures[i].cost.n;

		if (x->judged.counted[i].known && (!n || pairs < n))
			n = pairs;
	}
	return n;
}

/* Has a metric without a verdict a loss that is allowed, but not ruled out? */
static bool has_feared_loss(const struct decision_judgement *j)
{
	for (int i = 0; i < DECISION_SLOTS; i++)
		if (!j->counted[i].known && j->counted[i].loss != STATE_NOT_ASKED &&
		    j->counted[i].gain.low < 0)
			return true;
	return false;
}

/* The end that was held against the threshold; of the other end nothing is known. */
static void bound_words(struct buf *out, const struct decision_judgement *j)
{
	if (j->states[RULE_GAIN] == STATE_FAILS)
		buf_printf(out,
			   "weighted saving at most %.1f %% (metrics without a verdict count "
			   "as all there can be)",
			   100 * j->gain.high);
	else if (isfinite(j->gain.low))
		buf_printf(out,
			   "weighted saving at least %.1f %% (metrics without a verdict count "
			   "as none%s)",
			   100 * j->gain.low,
			   has_feared_loss(j) ? ", or as the loss that is not ruled out" : "");
	else
		buf_add_str(out, "weighted saving without bounds (of metrics without a verdict "
				 "nothing is ruled out)");
}

static void gain_words(const struct decision *d, const struct decision_extractor *x,
		       struct buf *out)
{
	const struct decision_judgement *j = &x->judged;
	int slot = j->slots[RULE_GAIN];

	if (unproven(d, x)) {
		bound_words(out, j);
	} else {
		buf_add_str(out, "saves ");
		decision_range_words(&j->gain, 100, 1, out);
		buf_add_str(out, " % of the present cost");
	}
	if (slot < 0) {
		buf_printf(out, ", by %zu or more pairs of each metric with a verdict",
			   fewest_pairs(x));
	} else {
		buf_add_str(out, "; most open by ");
		metric_words(out, &x->evidence.figures[slot]);
		buf_add_str(out, ", ");
		cost_words(out, &x->evidence.figures[slot]);
	}
}

static void months_words(struct buf *out, const struct decision *d,
			 const struct decision_range *months, const char *why)
{
	if (isnan(months->value)) {
		buf_printf(out, "unknown: %s", why ? why : "no savings");
		return;
	}
	buf_add_str(out, "after ");
	decision_range_words(months, 1, 1, out);
	buf_printf(out, " months on %.0f machines", d->rules->machines);
	if (isnan(months->high) && why)
		buf_printf(out, " (%s)", why);
}

static void payback_words(const struct decision *d, const struct decision_extractor *x,
			  struct buf *out)
{
	months_words(out, d, &x->judged.payback_months, x->judged.saving.why);
}

void decision_whole_setting_words(const struct decision *d, struct buf *out)
{
	buf_add_str(out, "[cost] payback_months_max = ");
	buf_add_double(out, d->rules->payback_months_max);
}

/* "2 switched extractors pay after 20.0 [15.0, 30.0] months on 1000 machines, days_once ..." */
void decision_whole_figure_words(const struct decision *d, struct buf *out)
{
	const struct decision_total *t = &d->whole.switched;

	if (!t->extractors) {
		buf_add_str(out, "nothing is switched");
		return;
	}
	buf_printf(out, "switching %zu extractor%s pays ", t->extractors, plural(t->extractors));
	months_words(out, d, &t->payback_months, t->saving.why);
	buf_printf(out, ", days_once %s",
		   t->two_languages_a_year > 0 ? "and two languages included" : "included");
}

void decision_figure_words(const struct decision *d, const struct decision_extractor *x,
			   enum decision_rule rule, struct buf *out)
{
	static void (*const words[DECISION_RULES])(
		const struct decision *d, const struct decision_extractor *x, struct buf *out) = {
		[RULE_RIGHT] = right_words,	  [RULE_LEDGER] = ledger_words,
		[RULE_RUNS] = runs_words,	  [RULE_ITEMS] = items_words,
		[RULE_LEAK] = leak_words,	  [RULE_FIT] = fit_words,
		[RULE_COMPLETE] = complete_words, [RULE_CHECKED] = checked_words,
		[RULE_MEASURED] = measured_words, [RULE_LOSS] = loss_words,
		[RULE_GAIN] = gain_words,	  [RULE_PAYBACK] = payback_words,
	};

	if (x->measured)
		words[rule](d, x, out);
	else
		buf_add_str(out, "nothing of it was compared in this session");
}

/* ---- what to do ------------------------------------------------------------------------------------ */

/* The profile that makes more pairs than the session's. */
static const char *next_profile(const struct result *r)
{
	return strcmp(r->profile, "quick") ? "full" : "standard";
}

static void pairs_words(const struct decision *d, const struct decision_extractor *x,
			struct buf *out)
{
	const struct decision_advice *a = &x->advice;
	const struct decision_metric *rule = &d->rules->metrics[a->slot];

	if (a->want > a->have)
		buf_printf(out, "%zu of %zu %spair%s missing", a->want - a->have, a->want,
			   a->of_aa ? "A/A " : "", a->want - a->have == 1 ? " is" : "s are");
	else if (a->want)
		buf_printf(out, "%zu pairs are few for this spread", a->have);
	else
		buf_add_str(out, "no number of pairs of one metric alone decides");
	buf_printf(out, " in %s, %s", rule->scenario, rule->phase);
	if (a->slots_short > 1)
		buf_printf(out, " (and others in %zu more metric%s)", a->slots_short - 1,
			   plural(a->slots_short - 1));
	if (a->lost)
		buf_printf(out,
			   ", as the host disturbed them: run `make bench PROFILE=%s` again on a "
			   "quieter one",
			   d->model->result->profile);
	else
		buf_printf(out, ": run `make bench PROFILE=%s`", next_profile(d->model->result));
}

static const char *const next_of_rule[DECISION_RULES] = {
	[RULE_RIGHT] = "make its messages right, then measure again",
	[RULE_LEDGER] = "find what it lost, then measure again",
	[RULE_RUNS] = "find why its runs did not count, then measure again",
	[RULE_ITEMS] = "make every item of scenario integration pass, then measure again",
	[RULE_LEAK] = "run `make bench SCENARIO=soak DURATION=2h` and stop what leaks",
	[RULE_FIT] = "change what `bench doctor` says of the host, then measure again",
	[RULE_COMPLETE] = "let a session go to its end",
	[RULE_CHECKED] = "let the subjects send their trace, so that every message can be checked",
	[RULE_MEASURED] = "measure what is missing with `make bench`, all scenarios in one session",
	[RULE_LOSS] = "make that metric cheaper, then measure again",
	[RULE_GAIN] = "nothing: what it saves is not worth a change by these rules",
	[RULE_PAYBACK] =
		"nothing: by these prices it does not pay; check [cost], [load] and [prices]",
};

/* Although some by themselves are to be switched. */
static bool all_are_kept(const struct decision *d)
{
	return d->whole.verdict == DECISION_KEEP || d->whole.pays == STATE_OPEN;
}

static const char *next_of_kept(const struct decision *d)
{
	if (d->whole.pays == STATE_FAILS)
		return "nothing: by these prices what is switched does not pay for what all share; "
		       "check [cost], [load] and [prices]";
	if (d->whole.pays == STATE_OPEN)
		return "wait: whether what is switched pays for what all share is open; state "
		       "[cost], [load] and [prices] more exactly, or make more pairs of cpu and "
		       "memory";
	return "nothing: hybrid = no, and another is kept";
}

void decision_next_of(const struct decision *d, const struct decision_extractor *x, struct buf *out)
{
	if (!x->measured)
		buf_add_str(out, "measure it: `make bench PROFILE=standard`");
	else if (x->judged.verdict == DECISION_SWITCH && all_are_kept(d))
		buf_add_str(out, next_of_kept(d));
	else if (x->judged.verdict == DECISION_SWITCH)
		buf_add_str(
			out,
			"switch it by the steps of the decision, and watch its counters for a day");
	else if (x->judged.verdict == DECISION_UNDECIDED && x->advice.slot >= 0)
		pairs_words(d, x, out);
	else if (x->judged.verdict == DECISION_UNDECIDED && x->judged.deciding == RULE_ITEMS)
		buf_add_str(out, "run all scenarios, integration too: `make bench`");
	else if (x->judged.verdict == DECISION_UNDECIDED && x->judged.deciding == RULE_PAYBACK)
		buf_add_str(
			out,
			"state [cost], [load] and [prices] more exactly, or make more pairs of cpu "
			"and memory");
	else
		buf_add_str(out, next_of_rule[x->judged.deciding]);
}

/* "keystroke, mouse and app" */
static void switched_words(const struct decision *d, struct buf *out)
{
	size_t left = d->whole.by_verdict[DECISION_SWITCH];

	for (int i = 0; i < EVENT_TYPES; i++) {
		if (d->extractors[i].judged.verdict != DECISION_SWITCH)
			continue;
		left--;
		buf_printf(out, "%s%s", event_type_names[i],
			   left > 1    ? ", "
			   : left == 1 ? " and "
				       : "");
	}
}

/* Of the first that is undecided, or else kept. */
static void first_words(const struct decision *d, struct buf *out)
{
	static const enum decision_verdict order[] = { DECISION_UNDECIDED, DECISION_KEEP };

	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (int i = 0; i < EVENT_TYPES; i++) {
			const struct decision_extractor *x = &d->extractors[i];

			if (x->judged.verdict != order[k])
				continue;
			buf_printf(out, "%s: ", event_type_names[i]);
			decision_next_of(d, x, out);
			return;
		}
}

void decision_next(const struct decision *d, struct buf *out)
{
	bool some = d->whole.verdict == DECISION_SWITCH || d->whole.verdict == DECISION_HYBRID;
	bool pays_not = d->whole.pays == STATE_FAILS ||
			(d->whole.pays == STATE_OPEN && !d->whole.by_verdict[DECISION_UNDECIDED]);

	if (!some && !pays_not) {
		first_words(d, out);
		return;
	}
	switched_words(d, out);
	if (pays_not)
		buf_printf(out, ": %s", next_of_kept(d));
	else
		buf_add_str(out, ": switch by the steps of the decision, one after the other, and "
				 "watch the counters of each for a day");
}
