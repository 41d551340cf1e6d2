/*
 * Rules and evidence to a verdict; see decision.h.
 *
 * Each rule holds, fails, is open or is not asked.  What is wrong with the new one is
 * keep; then a session that cannot tell is undecided; then a value that surely misses its
 * rule is keep; then anything open is undecided; what is left is switch.
 */
#include <math.h>
#include <string.h>

#include "harness/judge/decision.h"

const char *const decision_verdict_names[DECISION_VERDICTS] = { "keep", "switch", "hybrid",
								"undecided" };
const char *const decision_state_names[DECISION_STATES] = { "holds", "fails", "open", "not asked" };

const struct decision_rule_info decision_rule_infos[DECISION_RULES] = {
	[RULE_RIGHT] = { "right", "correct", "wrong_messages_max",
			 "the oracle calls no more feature messages wrong than that" },
	[RULE_LEDGER] = { "ledger", "correct", "open_lines_max",
			  "no more ledger lines stay open than that" },
	[RULE_RUNS] = { "runs", "correct", "failed_runs_max",
			"no more runs are void or failed than that" },
	[RULE_ITEMS] = { "integration", "correct", "failed_items_max",
			 "no more items of the integration checklist fail than that" },
	[RULE_LEAK] = { "leak", "correct", "soak", "a soak shows no leak" },
	[RULE_FIT] = { "host", "session", "accept_unfit_host", "the host was fit to measure" },
	[RULE_COMPLETE] = { "complete", "session", "accept_incomplete",
			    "the session went to its end" },
	[RULE_CHECKED] = { "checked", "correct", "unchecked_messages_max",
			   "the oracle could check all feature messages but that many" },
	[RULE_MEASURED] = { "measured", NULL, "weight",
			    "every metric that weighs has a verdict, or its loss is ruled out" },
	[RULE_LOSS] = { "loss", NULL, "loss_frac", "no metric costs more than that on top" },
	[RULE_GAIN] = { "gain", "gain", "threshold_frac",
			"the weighted mean of the savings is at least that" },
	[RULE_PAYBACK] = { "payback", "cost", "payback_months_max",
			   "what it saves pays its days_each within that many months" },
};

static enum decision_state at_most(int64_t v, int64_t max)
{
	return v <= max ? STATE_HOLDS : STATE_FAILS;
}

/* ---- one metric ---------------------------------------------------------------------------- */

/* A saving too small to matter is none; a loss always counts. */
static double worth(double gain, double gain_frac)
{
	return gain >= gain_frac || gain < 0 ? gain : 0;
}

static bool has_verdict(const struct decision_figure *f)
{
	return f->cost.n >= 2 && (f->verdict == VERDICT_BETTER || f->verdict == VERDICT_WORSE ||
				  f->verdict == VERDICT_NO_DIFFERENCE);
}

static struct decision_range gain_of(const struct decision_figure *f)
{
	struct decision_range g = { 1 - f->cost.high, 1 - f->cost.value, 1 - f->cost.low };

	/* Not beyond what A/A shows: it may as well be none. */
	if (f->verdict == VERDICT_NO_DIFFERENCE) {
		g.low = fmin(g.low, 0);
		g.high = fmax(g.high, 0);
		g.value = 0;
	}
	g.low = worth(g.low, f->rule->gain_frac);
	g.value = worth(g.value, f->rule->gain_frac);
	g.high = worth(g.high, f->rule->gain_frac);
	return g;
}

static enum decision_state loss_of(double low, double high, double limit, bool sure)
{
	if (high <= 1 + limit)
		return STATE_HOLDS;
	return sure && low > 1 + limit ? STATE_FAILS : STATE_OPEN; /* NaN: open */
}

/* Without a verdict: nothing is gained for certain, and anything may be. */
static struct decision_range unproven(const struct decision_range *apart)
{
	if (isnan(apart->high))
		return (struct decision_range){ -INFINITY, NAN, 1 };
	return (struct decision_range){ fmin(0, 1 - apart->high), 0, 1 };
}

static void count(struct decision_counted *c, const struct decision_figure *f)
{
	const struct decision_metric *rule = f->rule;

	if (has_verdict(f)) {
		c->known = true;
		c->gain = gain_of(f);
		c->loss = loss_of(f->cost.low, f->cost.high, rule->loss_frac,
				  f->verdict == VERDICT_WORSE);
	} else {
		c->known = false;
		c->gain = unproven(&f->apart);
		c->loss = loss_of(f->apart.low, f->apart.high, rule->loss_frac, false);
	}
	/* What does not weigh need not be measured. */
	if (!(rule->weight > 0) && !has_verdict(f))
		c->loss = STATE_NOT_ASKED;
}

/* ---- all metrics --------------------------------------------------------------------------- */

static struct decision_range weigh(const struct decision_rules *r,
				   const struct decision_counted *counted)
{
	struct decision_range sum = { 0, 0, 0 };
	double weights = 0;

	for (int i = 0; i < DECISION_SLOTS; i++) {
		double w = r->metrics[i].weight;

		if (!(w > 0))
			continue; /* 0 times infinity */
		weights += w;
		sum.low += w * counted[i].gain.low;
		sum.value += w * counted[i].gain.value;
		sum.high += w * counted[i].gain.high;
	}
	return (struct decision_range){ sum.low / weights, sum.value / weights,
					sum.high / weights };
}

/* The first metric that weighs, of which not even a loss can be ruled out. */
static enum decision_state judge_measured(struct decision_judgement *j,
					  const struct decision_rules *r)
{
	for (int i = 0; i < DECISION_SLOTS; i++)
		if (!j->counted[i].known && j->counted[i].loss == STATE_OPEN &&
		    r->metrics[i].weight > 0) {
			j->slots[RULE_MEASURED] = i;
			return STATE_OPEN;
		}
	return STATE_HOLDS;
}

/* A metric without a verdict is RULE_MEASURED's to blame first. */
static enum decision_state judge_loss(struct decision_judgement *j)
{
	static const enum decision_state order[] = { STATE_FAILS, STATE_OPEN };

	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		for (int i = 0; i < DECISION_SLOTS; i++)
			if (j->counted[i].loss == order[k]) {
				j->slots[RULE_LOSS] = i;
				return order[k];
			}
	return STATE_HOLDS;
}

/* Which metric's interval leaves the most open. */
static int widest(const struct decision_judgement *j, const struct decision_rules *r)
{
	double most = 0;
	int slot = -1;

	for (int i = 0; i < DECISION_SLOTS; i++) {
		const struct decision_range *g = &j->counted[i].gain;
		double width =
			r->metrics[i].weight > 0 ? r->metrics[i].weight * (g->high - g->low) : 0;

		if (width > most) {
			most = width;
			slot = i;
		}
	}
	return slot;
}

static enum decision_state judge_gain(struct decision_judgement *j, const struct decision_rules *r)
{
	j->gain = weigh(r, j->counted);
	if (j->gain.low >= r->threshold_frac)
		return STATE_HOLDS;
	if (j->gain.high < r->threshold_frac)
		return STATE_FAILS;
	j->slots[RULE_GAIN] = widest(j, r);
	return STATE_OPEN; /* NaN as well: no weights */
}

static enum decision_state judge_payback(struct decision_judgement *j,
					 const struct decision_rules *r,
					 const struct decision_evidence *x)
{
	double price = r->days_each * r->day_price;

	decision_save(&j->saving, r, x);
	j->payback_months = decision_payback(r, &j->saving, price, 0);
	return decision_pays(r, &j->payback_months);
}

/* ---- what must be right --------------------------------------------------------------------- */

static enum decision_state judge_items(const struct decision_rules *r,
				       const struct decision_items *items)
{
	if (r->integration == WANT_IGNORED)
		return STATE_NOT_ASKED;
	if (items->failed > (size_t)r->failed_items_max)
		return STATE_FAILS;
	if (!items->passed)
		return r->integration == WANT_REQUIRED ? STATE_OPEN : STATE_NOT_ASKED;
	return items->one_sided ? STATE_OPEN : STATE_HOLDS;
}

static enum decision_state judge_leak(const struct decision_rules *r,
				      const struct decision_evidence *x)
{
	const struct model_soak *soak = x->soak;
	enum model_leak leak = soak && soak->counted ? soak->slopes.leak : MODEL_LEAK_UNDECIDED;

	if (r->soak == WANT_IGNORED)
		return STATE_NOT_ASKED;
	if (leak == MODEL_LEAK_YES)
		return STATE_FAILS;
	if (x->soak_lost)
		return STATE_OPEN;
	if (leak == MODEL_LEAK_NO)
		return STATE_HOLDS;
	return r->soak == WANT_REQUIRED ? STATE_OPEN : STATE_NOT_ASKED;
}

static enum decision_state judge_checked(const struct decision_rules *r,
					 const struct decision_record *record)
{
	for (int side = 0; side < 2; side++)
		if (!record[side].checked || record[side].unchecked > r->unchecked_messages_max ||
		    (record[side].untraced && !r->accept_untraced))
			return STATE_OPEN;
	return STATE_HOLDS;
}

static void judge_correct(struct decision_judgement *j, const struct decision_rules *r,
			  const struct decision_evidence *x)
{
	const struct decision_record *rec = &x->record[1];

	j->states[RULE_RIGHT] = at_most(rec->wrong, r->wrong_messages_max);
	j->states[RULE_LEDGER] = at_most((int64_t)rec->open_lines, r->open_lines_max);
	if (j->states[RULE_LEDGER] == STATE_HOLDS && rec->bookless)
		j->states[RULE_LEDGER] = STATE_OPEN;
	j->states[RULE_RUNS] = at_most((int64_t)rec->failed, r->failed_runs_max);
	j->states[RULE_ITEMS] = judge_items(r, &x->items);
	j->states[RULE_LEAK] = judge_leak(r, x);
}

/* ---- which of them decides ------------------------------------------------------------------- */

/* Rules from ... to - 1 in that state mean that verdict. */
static const struct stage {
	enum decision_rule from, to;
	enum decision_state state;
	enum decision_verdict verdict;
} stages[] = {
	{ RULE_RIGHT, RULE_FIT, STATE_FAILS, DECISION_KEEP },
	{ RULE_FIT, RULE_MEASURED, STATE_OPEN, DECISION_UNDECIDED },
	{ RULE_MEASURED, DECISION_RULES, STATE_FAILS, DECISION_KEEP },
	{ RULE_RIGHT, DECISION_RULES, STATE_OPEN, DECISION_UNDECIDED },
};

static void decide(struct decision_judgement *j)
{
	for (size_t k = 0; k < ARRAY_SIZE(stages); k++)
		for (int i = (int)stages[k].from; i < (int)stages[k].to; i++)
			if (j->states[i] == stages[k].state) {
				j->deciding = (enum decision_rule)i;
				j->verdict = stages[k].verdict;
				return;
			}
	j->deciding = RULE_GAIN;
	j->verdict = DECISION_SWITCH;
}

void decision_judge(struct decision_judgement *j, const struct decision_rules *rules,
		    const struct decision_evidence *x)
{
	memset(j, 0, sizeof(*j));
	for (int i = 0; i < DECISION_RULES; i++)
		j->slots[i] = -1;
	for (int i = 0; i < DECISION_SLOTS; i++) {
		struct decision_figure f = x->figures[i];

		f.rule = &rules->metrics[i]; /* which the sensitivity varies */
		count(&j->counted[i], &f);
	}
	judge_correct(j, rules, x);
	j->states[RULE_FIT] =
		(x->unfit || x->variant) && !rules->accept_unfit ? STATE_OPEN : STATE_HOLDS;
	j->states[RULE_COMPLETE] =
		x->stopped && !rules->accept_incomplete ? STATE_OPEN : STATE_HOLDS;
	j->states[RULE_CHECKED] = judge_checked(rules, x->record);
	j->states[RULE_MEASURED] = judge_measured(j, rules);
	j->states[RULE_LOSS] = judge_loss(j);
	j->states[RULE_GAIN] = judge_gain(j, rules);
	j->states[RULE_PAYBACK] = judge_payback(j, rules, x);
	decide(j);
}

enum decision_verdict decision_of_all(const struct decision_rules *rules,
				      const size_t by_verdict[DECISION_VERDICTS])
{
	size_t all = 0;

	for (int i = 0; i < DECISION_VERDICTS; i++)
		all += by_verdict[i];
	if (by_verdict[DECISION_KEEP] && (by_verdict[DECISION_SWITCH] || !rules->hybrid)) {
		/* Whatever the others come to. */
		return rules->hybrid ? DECISION_HYBRID : DECISION_KEEP;
	}
	for (int i = 0; i < DECISION_VERDICTS; i++)
		if (all && by_verdict[i] == all)
			return (enum decision_verdict)i;
	return DECISION_UNDECIDED;
}

void decision_judge_all(struct decision_whole *w, const struct decision_rules *rules,
			const struct decision_extractor x[EVENT_TYPES])
{
	memset(w, 0, sizeof(*w));
	for (int i = 0; i < EVENT_TYPES; i++)
		w->by_verdict[x[i].judged.verdict]++;
	w->verdict = decision_of_all(rules, w->by_verdict);
	w->pays = STATE_NOT_ASKED;
	decision_total(&w->switched, rules, x, true);
	if (w->verdict != DECISION_SWITCH && w->verdict != DECISION_HYBRID)
		return;
	w->pays = decision_pays(rules, &w->switched.payback_months);
	/* Those that are undecided may yet share what is paid once. */
	if (w->pays == STATE_FAILS && w->by_verdict[DECISION_UNDECIDED])
		w->pays = STATE_OPEN;
	if (w->pays == STATE_FAILS)
		w->verdict = DECISION_KEEP;
	else if (w->pays == STATE_OPEN)
		w->verdict = DECISION_UNDECIDED;
}
