/* The chain of keys; see key_chain.h. */
#include "harness/loadgen/key_chain.h"

#include "harness/loadgen/synth_params.h"

/* By frequency alone, Backspace left out. */
static int any_key(struct rng *rng)
{
	uint64_t total = 0, at;
	int k = 0;

	for (int i = 0; i < KEYS; i++)
		total += i == KEY_BACKSPACE ? 0 : key_counts[i].presses;
	at = rng_below(rng, total);
	for (;; k++) {
		if (k == KEY_BACKSPACE)
			continue;
		if (at < key_counts[k].presses)
			return k;
		at -= key_counts[k].presses;
	}
}

/* What the row of `from` does not account for of its presses goes by frequency. */
static int next_by_digraph(const struct key_chain *c, int from)
{
	uint64_t at = rng_below(c->rng, key_counts[from].presses);

	for (uint32_t i = c->row_from[from]; i < c->row_from[from + 1]; i++) {
		if (at < digraph_counts[i].times)
			return digraph_counts[i].second;
		at -= digraph_counts[i].times;
	}
	return any_key(c->rng);
}

void key_chain_init(struct key_chain *c, struct rng *rng)
{
	size_t row = 0;

	c->rng = rng;
	c->in_run = c->run_is_long = false;
	for (int k = 0; k <= KEYS; k++) {
		while (row < n_digraph_counts && digraph_counts[row].first < k)
			row++;
		c->row_from[k] = (uint32_t)row;
	}
	c->key = any_key(rng);
}

/*
 * A run's length is 1 with probability p1; a longer one goes on at each press with
 * the probability that gives all runs the mean m: 1 - (1 - p1) / (m - 1).  For a
 * share s of all presses, runs begin after a fraction f of the others where
 * f * m / (1 + f * m) = s.  With s = 0.055, m = 2: f = 0.0291.
 */
static bool run_continues(struct key_chain *c)
{
	double p1 = synth_param(SP_BACKSPACE_RUN_P1), m = synth_param(SP_BACKSPACE_RUN_MEAN);
	double s = synth_param(SP_BACKSPACE_SHARE);

	if (!c->in_run)
		return rng_chance(c->rng, s / (1 - s) / m);
	return rng_chance(c->rng, c->run_is_long ? 1 - (1 - p1) / (m - 1) : 1 - p1);
}

int key_chain_next(struct key_chain *c)
{
	if (run_continues(c)) {
		c->run_is_long = c->in_run;
		c->in_run = true;
		return KEY_BACKSPACE;
	}
	c->in_run = c->run_is_long = false;
	c->key = next_by_digraph(c, c->key);
	return c->key;
}
