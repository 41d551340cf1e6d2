/* Which pairs are missing for a decision; see decision.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/decision.h"
#include "harness/report/paired.h"
#include "harness/stats/power.h"
#include "harness/stats/sequential.h"

#define FEWEST_PAIRS 6 /* with an interval at 95 %: stats/estimate.h */
#define PAIRS_MAX    1000
#define BISECTIONS   60

/* The fewest pairs of a plan that have an interval as sure as they must. */
static size_t fewest(int planned, size_t at_least, double alpha)
{
	size_t n_max = planned > (int)at_least ? (size_t)planned : at_least;
	struct sequential_plan plan;

	sequential_plan_init(&plan, n_max, alpha);
	for (size_t n = at_least; n < n_max; n++) {
		double level = sequential_level(&plan, n);

		if (level < 1 && 1 - exp2(1 - (double)n) >= level)
			return n;
	}
	return n_max;
}

/* The A/A beside a comparison, or NULL. */
static const struct comparison *aa_of(const struct result *r, const struct comparison *c)
{
	for (size_t i = 0; i < r->n_comparisons; i++) {
		const struct comparison *o = &r->comparisons[i];

		if (paired_is_aa(o) && o->extractor == c->extractor &&
		    !strcmp(o->phase, c->phase) && !strcmp(o->scenario, c->scenario))
			return o;
	}
	return NULL;
}

static void advise_verdict(struct decision_advice *a, const struct decision_figure *f,
			   const struct result *r)
{
	const struct comparison *c = f->ratio->comparison, *aa = aa_of(r, c);

	a->have = f->ratio->est.n;
	a->want = fewest(c->pairs_planned, FEWEST_PAIRS, PAIRED_ALPHA);
	a->lost = f->ratio->with_disturbed.n >= a->want;
	if (a->have < a->want)
		return;
	a->of_aa = true;
	a->lost = false;
	a->have = f->ratio->noise.n;
	a->want = fewest(aa ? aa->pairs_planned : 0, MODEL_AA_BLOCK, PAIRED_AA_ALPHA);
	if (a->have >= a->want)
		a->slot = -1; /* something else than pairs is missing */
}

/* The state of the gain if this metric's cost were known, the others as they are. */
static enum decision_state gain_at(const struct decision_extractor *x,
				   const struct decision_rules *rules, int slot, double cost)
{
	struct decision_evidence there = x->evidence;
	struct decision_judgement j;

	there.figures[slot].cost.low = there.figures[slot].cost.value =
		there.figures[slot].cost.high = cost;
	there.figures[slot].verdict = cost < 1 ? VERDICT_BETTER : VERDICT_WORSE;
	decision_judge(&j, rules, &there);
	return j.states[RULE_GAIN];
}

/*
 * The cost from which the gain is not what it is at `end` any more, going from there to
 * the other end; NaN: it decides nothing even at `end`.
 */
static double border(const struct decision_extractor *x, const struct decision_rules *rules,
		     int slot, double end, double other)
{
	enum decision_state state = gain_at(x, rules, slot, end);

	if (state == STATE_OPEN)
		return NAN;
	if (gain_at(x, rules, slot, other) == state)
		return other;
	for (int i = 0; i < BISECTIONS; i++) {
		double mid = (end + other) / 2;

		if (gain_at(x, rules, slot, mid) == state)
			end = mid;
		else
			other = mid;
	}
	return end;
}

/* Pairs that tell the estimate from a limit, with the spread that it has. */
static size_t pairs_to_tell(const struct estimate *cost, double limit)
{
	struct power_setup setup = { .spread = power_spread(cost), .level = MODEL_LEVEL };
	double ratio = limit / cost->value;

	if (!(setup.spread > 0) || !(ratio > 0) || ratio == 1)
		return 0;
	return power_pairs(&setup, ratio, MODEL_POWER, PAIRS_MAX);
}

static void advise_gain(struct decision_advice *a, const struct decision_extractor *x,
			const struct decision_rules *rules)
{
	const struct estimate *cost = &x->evidence.figures[a->slot].cost;
	double good = border(x, rules, a->slot, cost->low, cost->high);
	double bad = border(x, rules, a->slot, cost->high, cost->low);

	a->have = cost->n;
	if (cost->value <= good)
		a->want = pairs_to_tell(cost, good);
	else if (cost->value >= bad)
		a->want = pairs_to_tell(cost, bad);
}

static void advise_loss(struct decision_advice *a, const struct decision_extractor *x,
			const struct decision_rules *rules)
{
	const struct estimate *cost = &x->evidence.figures[a->slot].cost;

	a->have = cost->n;
	a->want = pairs_to_tell(cost, 1 + rules->metrics[a->slot].loss_frac);
}

void decision_advise(struct decision_extractor *x, const struct decision_rules *rules,
		     const struct result *r)
{
	const struct decision_judgement *j = &x->judged;
	struct decision_advice *a = &x->advice;

	*a = (struct decision_advice){ .slot = -1 };
	for (int i = 0; i < DECISION_SLOTS; i++)
		a->slots_short += !j->counted[i].known && j->counted[i].loss == STATE_OPEN &&
				  rules->metrics[i].weight > 0 && x->evidence.figures[i].ratio;
	if (j->verdict != DECISION_UNDECIDED)
		return;
	a->slot = j->slots[j->deciding];
	if (a->slot < 0 || !x->evidence.figures[a->slot].ratio)
		a->slot = -1;
	else if (j->deciding == RULE_GAIN && j->counted[a->slot].known)
		advise_gain(a, x, rules);
	else if (j->deciding == RULE_LOSS && j->counted[a->slot].known)
		advise_loss(a, x, rules);
	else
		advise_verdict(a, &x->evidence.figures[a->slot], r);
}
