/* Searches; see searches.h.  Only what was held in a run that counts was held. */
#include "harness/report/searches.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/sample.h"

const struct run *model_trial_run(const struct result *r, const struct trial *t)
{
	return t->run >= 0 && (size_t)t->run < r->n_runs ? &r->runs[t->run] : NULL;
}

bool model_trial_held(const struct result *r, const struct trial *t)
{
	const struct run *run = model_trial_run(r, t);

	return t->held && run && run_counts(run, false);
}

/* Too high for certain: a run that was disturbed or could not be made says nothing of the rate. */
static bool too_high(const struct result *r, const struct trial *t)
{
	const struct run *run = model_trial_run(r, t);

	return !t->held && (!run || run->status == RUN_OK || run->status == RUN_VOID ||
			    run->status == RUN_STOPPED);
}

static int n_searches(const struct result *r)
{
	int n = 0;

	for (size_t i = 0; i < r->n_trials; i++)
		if (r->trials[i].search >= n)
			n = r->trials[i].search + 1;
	return n;
}

/* What one search of one implementation came to. */
struct search {
	size_t trials;
	double held;		    /* the highest rate that was; 0: none */
	bool bound;		    /* no higher rate was too high: `held` is a lower bound */
	const struct trial *lowest; /* that was not held */
};

static struct search search_of(const struct result *r, const struct model_section *x,
			       const char *implementation, int number)
{
	struct search s = { 0 };
	double high = 0;

	for (size_t i = 0; i < r->n_trials; i++) {
		const struct trial *t = &r->trials[i];

		if (t->search != number || t->extractor != x->type ||
		    strcmp(t->scenario, x->scenario) || strcmp(t->implementation, implementation))
			continue;
		s.trials++;
		if (model_trial_held(r, t))
			s.held = fmax(s.held, t->rate_per_s);
		else if (!s.lowest || t->rate_per_s < s.lowest->rate_per_s)
			s.lowest = t;
		if (too_high(r, t))
			high = fmax(high, t->rate_per_s);
	}
	s.bound = high <= s.held;
	return s;
}

/* All searches of one implementation. */
struct searches {
	int n, without; /* without a rate that was held */
	size_t bounds;
	const struct trial *lowest; /* of the first one without */
};

static struct searches collect_searches(const struct result *r, const struct model_section *x,
					const char *implementation, struct sample *rates)
{
	struct searches all = { 0 };

	for (int k = 0; k < n_searches(r); k++) {
		struct search s = search_of(r, x, implementation, k);

		if (!s.trials)
			continue; /* the session ended before */
		all.n++;
		if (s.held > 0) {
			sample_add(rates, s.held, 0);
			all.bounds += s.bound;
		} else if (!all.without++) {
			all.lowest = s.lowest;
		}
	}
	return all;
}

void searches_collect(const struct result *r, const struct model_section *x,
		      const char *implementation, struct sample *rates)
{
	collect_searches(r, x, implementation, rates);
}

/* Why a trial was not held; without the mark of rule 9, which the report puts itself. */
static const char *trial_why(const struct result *r, const struct trial *t)
{
	static const char mark[] = "unavailable: ";
	const struct run *run = model_trial_run(r, t);

	if (!strncmp(t->why, mark, sizeof(mark) - 1))
		return t->why + sizeof(mark) - 1;
	if (t->why[0])
		return t->why;
	return run && run->why[0] ? run->why : "no reason was given";
}

/* A median of the searches that held a rate would be one of the survivors: then there is none. */
void searches_fill_cell(struct model_cell *cell, const struct result *r,
			const struct model_section *x)
{
	struct sample rates = { 0 };
	struct searches all = collect_searches(r, x, cell->implementation, &rates);

	if (!all.n)
		snprintf(cell->why, sizeof(cell->why), "no search was made");
	else if (all.without)
		snprintf(cell->why, sizeof(cell->why),
			 "%d of %d searches held none, not even %.4g k events/s: %.120s",
			 all.without, all.n, all.lowest->rate_per_s / 1e3,
			 trial_why(r, all.lowest));
	else
		cell->n_bounds = all.bounds;
	cell->est = stats_estimate_median(rates.a, all.without ? 0 : rates.n, MODEL_LEVEL, r->seed);
	sample_release(&rates);
}

/*
 * Searches have no pairs of runs: the k-th search of A goes with the k-th of B.
 * Nobody searched A against A, so nothing is known of the noise: never a verdict.
 */
void searches_fill_ratio(struct model_ratio *ratio, const struct result *r,
			 const struct model_section *x)
{
	struct sample s = { 0 };
	bool without = false, bound_a = false, bound_b = false;

	for (int k = 0; k < n_searches(r); k++) {
		struct search a = search_of(r, x, ratio->a, k), b = search_of(r, x, ratio->b, k);

		if (!a.trials || !b.trials)
			continue;
		without |= !(a.held > 0 && b.held > 0);
		bound_a |= a.bound;
		bound_b |= b.bound;
		if (!without)
			sample_add(&s, a.held, b.held);
	}
	ratio->verdict = VERDICT_TOO_FEW;
	ratio->why = without		  ? "searches held no rate"
		     : bound_a && bound_b ? "both sides are only lower bounds"
		     : s.n		  ? "no A/A of searches"
					  : "no search of both sides";
	if (bound_a != bound_b)
		ratio->bound = bound_b ? BOUND_BELOW : BOUND_ABOVE;
	if (without || (bound_a && bound_b))
		s.n = 0;
	ratio->est = stats_estimate_ratio(s.a, s.b, s.n, MODEL_LEVEL, r->seed);
	ratio->with_disturbed = ratio->est;
	sample_release(&s);
}
