/*
 * What would flip a decision: other rules, or a truth at the end of its interval.
 *
 * The evidence is judged again and again, one key at a time.  The values of a key that
 * give one verdict have no gap: every rule compares something that only grows or only
 * falls in the key with a limit, and the weighted mean moves one way as a weight
 * grows.  So bisection from the present value finds where another verdict begins.
 */
#include <math.h>

#include "harness/judge/decision.h"

#define BISECTIONS 100 /* halves 1e12 to below the last digit of 1e-9 */

/* Shares their strings. */
static enum decision_verdict verdict_with(const struct decision_rules *rules,
					  const struct decision_evidence *x, size_t offset,
					  double value)
{
	struct decision_rules varied = *rules;
	struct decision_judgement j;

	*(double *)(void *)((char *)&varied + offset) = value;
	decision_judge(&j, &varied, x);
	return j.verdict;
}

/* Between the present value and `limit`, if another verdict is there. */
static void add_flip(struct decision_extractor *x, const struct decision_rules *rules,
		     const struct decision_key *key, double limit)
{
	double now = *(const double *)(const void *)((const char *)rules + key->offset);
	enum decision_verdict verdict = verdict_with(rules, &x->evidence, key->offset, limit);
	double same = now, other = limit;

	if (verdict == x->judged.verdict || now < key->min) /* below: not asked */
		return;
	for (int i = 0; i < BISECTIONS; i++) {
		double mid = (same + other) / 2;
		enum decision_verdict there = verdict_with(rules, &x->evidence, key->offset, mid);

		if (there == x->judged.verdict) {
			same = mid;
		} else {
			other = mid;
			verdict = there;
		}
	}
	BUG_ON(x->n_flips == DECISION_FLIPS_MAX);
	x->flips[x->n_flips++] = (struct decision_flip){
		.key = *key, .now = now, .from = other, .verdict = verdict
	};
}

static enum decision_verdict verdict_at(const struct decision_extractor *x,
					const struct decision_rules *rules, int slot, double cost)
{
	struct decision_evidence there = x->evidence;
	struct decision_judgement j;

	there.figures[slot].cost.low = there.figures[slot].cost.value =
		there.figures[slot].cost.high = cost;
	/* Known for certain, and then A/A explains nothing of it. */
	there.figures[slot].verdict = cost < 1 ? VERDICT_BETTER : VERDICT_WORSE;
	decision_judge(&j, rules, &there);
	return j.verdict;
}

static void vary_truth(struct decision_extractor *x, const struct decision_rules *rules, int slot)
{
	const struct estimate *cost = &x->evidence.figures[slot].cost;

	x->ends[slot] = (struct decision_ends){ -1, -1 };
	if (cost->n < 2)
		return;
	x->ends[slot].worst = (int)verdict_at(x, rules, slot, cost->high);
	x->ends[slot].best = (int)verdict_at(x, rules, slot, cost->low);
}

void decision_vary(struct decision_extractor *x, const struct decision_rules *rules)
{
	struct decision_key key;

	x->n_flips = 0;
	for (size_t i = 0; decision_rules_key(i, &key); i++) {
		add_flip(x, rules, &key, key.min);
		add_flip(x, rules, &key, key.max);
	}
	for (int i = 0; i < DECISION_SLOTS; i++)
		vary_truth(x, rules, i);
}
