/*
 * Values with their intervals, from the model; see values.h.
 *
 * Nothing is estimated here but improvements of merged percentiles: there are no pairs
 * of samples, so each side has an interval of its own, each at 1 - (1 - level) / 2, so
 * that both hold at once with `level` (Bonferroni) if samples are independent.  Those of
 * one run are not; see checklist.h.
 */
#include "harness/judge/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/latency.h"
#include "harness/report/sample.h"
#include "harness/stats/order.h"

#define BOTH_LEVEL (1 - (1 - MODEL_LEVEL) / 2)

static bool is_of(const struct model_section *x, const struct checklist_row *row)
{
	return x->type == row->extractor && !strcmp(x->scenario, row->rule->scenario) &&
	       !strcmp(x->phase, row->rule->phase);
}

static void not_measured(struct checklist_value *v, const struct checklist_row *row)
{
	snprintf(v->why, sizeof(v->why), "not measured: the session has no %s/%s %s of %s%s%s %s",
		 row->rule->scenario, row->rule->phase, row->rule->figure.key, row->clause->a,
		 row->clause->b[0] ? ":" : "", row->clause->b, event_type_names[row->extractor]);
}

static void unsure(struct checklist_value *v, const char *what)
{
	if (v->n < 2)
		snprintf(v->why, sizeof(v->why), "no interval: n = %zu", v->n);
	else
		snprintf(v->why, sizeof(v->why),
			 "too few %s for an interval that is sure enough: n = %zu, %.4g %%", what,
			 v->n, 100 * v->level);
}

static void take_estimate(struct checklist_value *v, const struct estimate *est)
{
	v->there = true;
	v->n = est->n;
	v->level = est->level;
	v->method = stats_method_names[est->method];
	v->value = est->value;
	v->low = est->low;
	v->high = est->high;
}

/* value -> scale * value, or scale / value, which turns the interval round. */
static void state(struct checklist_value *v, const struct figure *f)
{
	double low = v->low;

	if (f->source != FIGURE_PER_1000) {
		v->value *= f->scale;
		v->low *= f->scale;
		v->high *= f->scale;
		return;
	}
	v->value = f->scale / v->value;
	v->low = f->scale / v->high;
	v->high = f->scale / low;
}

static void fill_cell(struct checklist_value *v, const struct model_section *x,
		      const struct checklist_row *row)
{
	const struct figure *f = &row->rule->figure;
	const struct model_cell *cell = model_cell(model_row(x, f->metric), row->clause->a);

	if (!cell) {
		not_measured(v, row);
		return;
	}
	if (!cell->est.n) {
		snprintf(v->why, sizeof(v->why), "not measured: %s", cell->why);
		return;
	}
	take_estimate(v, &cell->est);
	if (cell->n_bounds)
		v->high = INFINITY; /* the search knows no rate that is too high */
	v->sure = v->n >= 2 && v->level >= MODEL_LEVEL;
	if (!v->sure)
		unsure(v, "runs");
	state(v, f);
}

/* Ratios of these do not come from pairs; report/model.c. */
static bool is_paired(enum metric_id id)
{
	return id != METRIC_SUSTAINED_RATE && id != METRIC_INSTRUCTIONS && id != METRIC_SYSCALLS;
}

/* From a ratio B/A to "B takes so many % less". */
static void improve(struct checklist_value *v, const struct estimate *ratio, bool inverse)
{
	double low = ratio->low, high = ratio->high, value = ratio->value;

	if (inverse) {
		low = 1 / ratio->high;
		high = 1 / ratio->low;
		value = 1 / value;
	}
	v->value = 100 * (1 - value);
	v->low = 100 * (1 - high);
	v->high = 100 * (1 - low);
}

static void fill_ratio(struct checklist_value *v, const struct model_section *x,
		       const struct checklist_row *row, struct paired *p)
{
	const struct figure *f = &row->rule->figure;
	const struct model_ratio *ratio =
		model_ratio(model_row(x, f->metric), row->clause->a, row->clause->b);

	if (!ratio) {
		not_measured(v, row);
		return;
	}
	if (!ratio->est.n) {
		snprintf(v->why, sizeof(v->why), "no ratio: %s",
			 ratio->why ? ratio->why : "no pair of runs is valid");
		return;
	}
	take_estimate(v, &ratio->est);
	v->sure = is_paired(f->metric)
			  ? paired_is_sure(p, (int)(ratio->comparison - p->r->comparisons),
					   &ratio->est)
			  : v->n >= 2 && v->level >= MODEL_LEVEL;
	if (!v->sure)
		unsure(v, "pairs");
	improve(v, &ratio->est, f->source == FIGURE_PER_1000);
}

/* ---- percentiles of all samples together --------------------------------------------- */

static const struct latency_cell *
latency_cell_of(const struct model *m, const struct checklist_row *row, const char *implementation)
{
	for (size_t i = 0; m->latency && i < m->latency->n; i++) {
		const struct latency_section *s = &m->latency->sections[i];

		for (size_t k = 0; k < s->n_cells && is_of(s->section, row); k++)
			if (!strcmp(s->cells[k].implementation, implementation))
				return &s->cells[k];
	}
	return NULL;
}

static void too_few_samples(struct checklist_value *v, size_t n, double q, double level)
{
	snprintf(v->why, sizeof(v->why), "%zu samples; an interval needs %llu", n,
		 (unsigned long long)stats_quantile_needs(q, level));
}

/* The interval stands; is it of enough runs to be judged by? */
static void doubt_samples(struct checklist_value *v, size_t runs)
{
	v->sure = runs >= CHECKLIST_SAMPLED_RUNS_MIN;
	if (!v->sure)
		snprintf(v->why, sizeof(v->why), "its samples are of %zu run%s; %d are needed",
			 runs, runs == 1 ? "" : "s", CHECKLIST_SAMPLED_RUNS_MIN);
}

static void fill_percentile(struct checklist_value *v, const struct model *m,
			    const struct checklist_row *row)
{
	const struct figure *f = &row->rule->figure;
	const struct latency_cell *cell = latency_cell_of(m, row, row->clause->a);
	const struct latency_percentile *pc = cell ? &cell->p[f->time][f->percentile] : NULL;

	if (!cell) {
		not_measured(v, row);
		return;
	}
	if (!pc->there) {
		too_few_samples(v, hist_count(cell->hist[f->time]),
				latency_percentiles[f->percentile].q, MODEL_LEVEL);
		return;
	}
	*v = (struct checklist_value){
		.there = true,
		.value = pc->value_us,
		.low = pc->low_us,
		.high = pc->high_us,
		.n = hist_count(cell->hist[f->time]),
		.level = MODEL_LEVEL,
		.method = "ordered samples",
	};
	doubt_samples(v, cell->runs);
	state(v, f);
}

static double us_at(const struct hist *h, uint64_t rank)
{
	int64_t ns = hist_quantile(h, (double)rank / (double)hist_count(h));

	return ns == HIST_ABOVE ? INFINITY : (double)ns / 1e3;
}

/* One side of an improvement; false: it has too few samples. */
static bool side_of(const struct hist *h, double q, struct estimate *out)
{
	uint64_t low, high, n = hist_count(h);

	if (!stats_quantile_ranks(n, q, BOTH_LEVEL, &low, &high))
		return false;
	*out = (struct estimate){
		.n = n,
		.value = us_at(h, (uint64_t)ceil(q * (double)n - 1e-6)),
		.low = us_at(h, low),
		.high = us_at(h, high),
	};
	return true;
}

static void fill_percentiles(struct checklist_value *v, const struct model *m,
			     const struct checklist_row *row)
{
	const struct figure *f = &row->rule->figure;
	const struct latency_cell *cells[2] = { latency_cell_of(m, row, row->clause->a),
						latency_cell_of(m, row, row->clause->b) };
	double q = latency_percentiles[f->percentile].q;
	struct estimate sides[2], ratio = { 0 };

	if (!cells[0] || !cells[1]) {
		not_measured(v, row);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (!side_of(cells[i]->hist[f->time], q, &sides[i])) {
			too_few_samples(v, hist_count(cells[i]->hist[f->time]), q, BOTH_LEVEL);
			return;
		}
	ratio.value = sides[1].value / sides[0].value;
	ratio.low = sides[1].low / sides[0].high;
	ratio.high = sides[1].high / sides[0].low;
	if (!isfinite(ratio.value) || isnan(ratio.low) || isnan(ratio.high)) {
		snprintf(v->why, sizeof(v->why), "no ratio: a side is 0 or above the range");
		return;
	}
	*v = (struct checklist_value){
		.there = true,
		.n = sides[0].n < sides[1].n ? sides[0].n : sides[1].n,
		.level = MODEL_LEVEL,
		.method = "ordered samples of both sides",
	};
	doubt_samples(v, cells[0]->runs < cells[1]->runs ? cells[0]->runs : cells[1]->runs);
	improve(v, &ratio, false);
}

void values_fill(struct checklist_row *row, const struct model *m, struct paired *p)
{
	const struct model_section *x =
		model_section(m, row->rule->scenario, row->rule->phase, row->extractor);
	struct checklist_value *v = &row->value;
	bool compares = row->clause->b[0];

	*v = (struct checklist_value){ .value = NAN, .low = NAN, .high = NAN, .method = "" };
	if (row->rule->figure.source == FIGURE_PERCENTILE)
		(compares ? fill_percentiles : fill_percentile)(v, m, row);
	else if (compares)
		fill_ratio(v, x, row, p);
	else
		fill_cell(v, x, row);
}

/* ---- evidence -------------------------------------------------------------------------- */

/* Is it a side of a pair of that comparison, whose other side counts, too? */
static bool is_in_pair(const struct run *run, const struct result *r,
		       const struct checklist_clause *clause)
{
	const struct comparison *c;

	if (run->comparison < 0 || (size_t)run->comparison >= r->n_comparisons)
		return false;
	c = &r->comparisons[run->comparison];
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *o = &r->runs[i];

		if (o->comparison == run->comparison && o->pair == run->pair &&
		    o->side != run->side && run_counts(o, false))
			return !strcmp(c->a, clause->a) && !strcmp(c->b, clause->b);
	}
	return false;
}

/* Does the run bear on the row, and with which value?  NaN: with many. */
static bool shows(const struct run *run, const struct result *r, const struct checklist_row *row,
		  double *value)
{
	const struct figure *f = &row->rule->figure;
	const char *of = row->clause->b[0] ? row->clause->b : row->clause->a;

	if (run->extractor != row->extractor || strcmp(run->phase, row->rule->phase) ||
	    strcmp(run->scenario, row->rule->scenario) || strcmp(run->implementation, of) ||
	    !run_counts(run, false))
		return false;
	if (f->source == FIGURE_PERCENTILE) {
		*value = NAN;
		return run->latency.n;
	}
	if (row->clause->b[0] && !is_in_pair(run, r, row->clause))
		return false;
	*value = f->source == FIGURE_PER_1000 ? f->scale / run->metrics[f->metric].value
					      : f->scale * run->metrics[f->metric].value;
	return run->metrics[f->metric].there;
}

void values_evidence(struct checklist_row *row, const struct result *r)
{
	struct checklist_evidence *ev = &row->evidence;
	double nearest = INFINITY, value;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!shows(run, r, row, &value))
			continue;
		ev->runs++;
		ev->first = ev->first ? ev->first : run->id;
		ev->last = run->id;
		/* Of a comparison the median of one side says nothing about the ratio. */
		if (!row->clause->b[0] && fabs(value - row->value.value) < nearest) {
			nearest = fabs(value - row->value.value);
			ev->nearest = run->id;
		}
	}
}
