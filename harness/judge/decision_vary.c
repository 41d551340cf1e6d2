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

/* What is judged again: one extractor by its evidence, or the whole by its extractors. */
struct varied {
	const struct decision_rules *rules;
	enum decision_verdict now;
	const struct decision_evidence *one;  /* NULL: the whole */
	const struct decision_extractor *all; /* whose own verdicts do not hang on the key */
};

/* Shares their strings. */
static enum decision_verdict verdict_with(const struct varied *v, size_t offset, double value)
{
	struct decision_rules rules = *v->rules;
	struct decision_judgement j;
	struct decision_whole w;

	*(double *)(void *)((char *)&rules + offset) = value;
	if (v->one) {
		decision_judge(&j, &rules, v->one);
		return j.verdict;
	}
	decision_judge_all(&w, &rules, v->all);
	return w.verdict;
}

/* Between the present value and `limit`; false: no other verdict is there. */
static bool find_flip(struct decision_flip *flip, const struct varied *v,
		      const struct decision_key *key, double limit)
{
	double now = *(const double *)(const void *)((const char *)v->rules + key->offset);
	enum decision_verdict verdict = verdict_with(v, key->offset, limit);
	double same = now, other = limit;

	if (verdict == v->now || now < key->min) /* below: not asked */
		return false;
	for (int i = 0; i < BISECTIONS; i++) {
		double mid = (same + other) / 2;
		enum decision_verdict there = verdict_with(v, key->offset, mid);

		if (there == v->now) {
			same = mid;
		} else {
			other = mid;
			verdict = there;
		}
	}
	*flip = (struct decision_flip){
		.key = *key, .now = now, .from = other, .verdict = verdict
	};
	return true;
}

/* Below the present value and above it: two flips at most. */
static size_t find_flips(struct decision_flip *flips, const struct varied *v,
			 const struct decision_key *key)
{
	size_t n = find_flip(flips, v, key, key->min);

	return n + find_flip(flips + n, v, key, key->max);
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
	struct varied v = { .rules = rules, .now = x->judged.verdict, .one = &x->evidence };
	struct decision_key key;

	x->n_flips = 0;
	for (size_t i = 0; decision_rules_key(i, &key); i++) {
		BUG_ON(x->n_flips + 2 > DECISION_FLIPS_MAX);
		x->n_flips += find_flips(x->flips + x->n_flips, &v, &key);
	}
	for (int i = 0; i < DECISION_SLOTS; i++)
		vary_truth(x, rules, i);
}

void decision_vary_all(struct decision *d)
{
	struct varied v = { .rules = d->rules, .now = d->whole.verdict, .all = d->extractors };
	struct decision_key key;

	d->n_flips = 0;
	for (size_t i = 0; decision_rules_key(i, &key); i++) {
		if (key.offset != offsetof(struct decision_rules, days_once) &&
		    key.offset != offsetof(struct decision_rules, two_languages_days_a_year))
			continue;
		BUG_ON(d->n_flips + 2 > DECISION_WHOLE_FLIPS_MAX);
		d->n_flips += find_flips(d->flips + d->n_flips, &v, &key);
	}
}
