/* Agreement within a results.json; see result_check.h. */
#include "harness/result_check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

static int check_counts(const struct run *run, struct err *e)
{
	const struct oracle_summary *o = &run->oracle;

	if (o->checked < 0 || o->wrong < 0 || o->unchecked < 0)
		return err_set(e, -EINVAL, "oracle: a count is below 0");
	for (size_t i = 0; i < run->ledger.n; i++) {
		const struct ledger_line *line = &run->ledger.lines[i];

		if (line->state == LEDGER_CLOSED && line->expected != line->got)
			return err_set(e, -EINVAL, "ledger: \"%s\" is called closed: %lld of %lld",
				       line->name, (long long)line->got, (long long)line->expected);
	}
	for (int id = 0; id < METRICS; id++)
		if (run->metrics[id].there && !isfinite(run->metrics[id].value))
			return err_set(e, -EINVAL, "metrics: \"%s\" is not finite",
				       metrics[id].key);
	return 0;
}

/* What is wrong or lossy has no score. */
static int check_status(const struct run *run, struct err *e)
{
	const char *status = run_status_names[run->status];

	if (run->status != RUN_OK && run->status != RUN_DISTURBED)
		return 0;
	if (run->oracle.wrong)
		return err_set(e, -EINVAL, "is %s although the oracle found messages wrong",
			       status);
	for (size_t i = 0; i < run->ledger.n; i++)
		if (run->ledger.lines[i].state == LEDGER_OPEN)
			return err_set(e, -EINVAL, "is %s although the ledger line \"%s\" is open",
				       status, run->ledger.lines[i].name);
	return 0;
}

/* A side of a pair is the implementation that the comparison says. */
static int check_side(const struct result *r, const struct run *run, struct err *e)
{
	const struct comparison *c;

	if (run->comparison < 0)
		return 0;
	c = &r->comparisons[run->comparison];
	if (run->pair < 0 || !run->side)
		return err_set(e, -EINVAL, "is of a comparison, but of no side of a pair of it");
	if (run->extractor == c->extractor && !strcmp(run->scenario, c->scenario) &&
	    !strcmp(run->phase, c->phase) &&
	    !strcmp(run->implementation, run->side == 'a' ? c->a : c->b))
		return 0;
	return err_set(e, -EINVAL, "is not what side %c of comparisons[%d] is", run->side,
		       run->comparison);
}

static int check_runs(const struct result *r, struct err *e)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		int rc = check_counts(&r->runs[i], e);

		rc = rc ? rc : check_status(&r->runs[i], e);
		rc = rc ? rc : check_side(r, &r->runs[i], e);
		if (rc)
			return err_wrap(e, "runs[%zu], %s", i, r->runs[i].id);
	}
	return 0;
}

/* ---- pairs ------------------------------------------------------------------------------ */

static int by_pair(const void *a, const void *b)
{
	const struct run *x = *(const struct run *const *)a, *y = *(const struct run *const *)b;

	if (x->comparison != y->comparison)
		return x->comparison < y->comparison ? -1 : 1;
	if (x->pair != y->pair)
		return x->pair < y->pair ? -1 : 1;
	return x->side - y->side;
}

/* Neighbours in that order: a side is there once, and both have the same plan. */
static int check_two(const struct run *x, const struct run *y, struct err *e)
{
	if (x->comparison != y->comparison || x->pair != y->pair)
		return 0;
	if (x->side == y->side)
		return err_set(e, -EINVAL, "runs %s and %s are the same side of one pair", x->id,
			       y->id);
	if (x->plan_checksum != y->plan_checksum || x->plan_events != y->plan_events)
		return err_set(e, -EINVAL, "runs %s and %s are a pair, but of different plans",
			       x->id, y->id);
	return 0;
}

static int check_pairs(const struct result *r, struct err *e)
{
	const struct run **sorted = mem_calloc(r->n_runs + 1, sizeof(const struct run *));
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].comparison >= 0)
			sorted[n++] = &r->runs[i];
	qsort(sorted, n, sizeof(const struct run *), by_pair);
	for (size_t i = 1; !rc && i < n; i++)
		rc = check_two(sorted[i - 1], sorted[i], e);
	free(sorted);
	return rc;
}

/* ---- trials and items --------------------------------------------------------------------- */

/* Runs of trials may be void and count for nothing: a trial must not hide another's. */
static int check_trials(const struct result *r, struct err *e)
{
	for (size_t i = 0; i < r->n_trials; i++) {
		const struct trial *t = &r->trials[i];
		const struct run *run;

		if (t->search < 0 || t->search >= RESULT_PAIRS_MAX)
			return err_set(e, -EINVAL, "trials[%zu]: search is not 0 to %d", i,
				       RESULT_PAIRS_MAX - 1);
		if (t->run < 0)
			continue;
		run = (size_t)t->run < r->n_runs ? &r->runs[t->run] : NULL;
		if (!run || run->comparison >= 0 || run->extractor != t->extractor ||
		    strcmp(run->scenario, t->scenario) ||
		    strcmp(run->implementation, t->implementation))
			return err_set(e, -EINVAL, "trials[%zu]: runs[%d] is not a run of it", i,
				       t->run);
	}
	return 0;
}

static int by_item(const void *a, const void *b)
{
	const struct item_result *x = *(const struct item_result *const *)a,
				 *y = *(const struct item_result *const *)b;
	int order = strcmp(x->item, y->item);

	order = order ? order : strcmp(x->implementation, y->implementation);
	order = order ? order : strcmp(x->scenario, y->scenario);
	return order ? order : (int)x->extractor - (int)y->extractor;
}

/* The first of two would be believed. */
static int check_items(const struct result *r, struct err *e)
{
	const struct item_result **sorted =
		mem_calloc(r->n_items + 1, sizeof(const struct item_result *));
	int rc = 0;

	for (size_t i = 0; i < r->n_items; i++)
		sorted[i] = &r->items[i];
	qsort(sorted, r->n_items, sizeof(const struct item_result *), by_item);
	for (size_t i = 1; !rc && i < r->n_items; i++)
		if (!by_item(&sorted[i - 1], &sorted[i]))
			rc = err_set(e, -EINVAL, "items: \"%s\" of %s %s is there twice",
				     sorted[i]->item, sorted[i]->implementation,
				     event_type_names[sorted[i]->extractor]);
	free(sorted);
	return rc;
}

int result_check(const struct result *r, struct err *e)
{
	int rc = check_runs(r, e);

	rc = rc ? rc : check_pairs(r, e);
	rc = rc ? rc : check_trials(r, e);
	return rc ? rc : check_items(r, e);
}
