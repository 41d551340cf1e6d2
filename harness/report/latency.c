/* Merged histograms, percentiles, the goal; see latency.h. */
#include "harness/report/latency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/sample.h"
#include "harness/stats/order.h"
#include "harness/stats/quantile.h"

#define FULL_SUFFIX "-full"
#define ALONE_FULL  "alone-full" /* where CPU time per trigger is measured and the buffer is full */
#define RELAY	    "relay"

const struct latency_percentile_info latency_percentiles[LATENCY_PERCENTILES] = {
	[LATENCY_P50] = { "p50", 0.5 },
	[LATENCY_P90] = { "p90", 0.9 },
	[LATENCY_P99] = { "p99", 0.99 },
	[LATENCY_P999] = { "p99.9", 0.999 },
};
const char *const latency_time_names[LATENCY_TIMES] = { "response", "service" };
const char *const latency_verdict_names[LATENCY_VERDICTS] = { "met", "missed", "undecided" };

static bool is_of(const struct run *run, const struct model_section *x, const char *implementation)
{
	return run->extractor == x->type && !strcmp(run->phase, x->phase) &&
	       !strcmp(run->scenario, x->scenario) && !strcmp(run->implementation, implementation);
}

/* ---- cells ------------------------------------------------------------------------- */

static double us_at(const struct hist *h, uint64_t rank)
{
	int64_t ns = hist_quantile(h, (double)rank / (double)hist_count(h));

	return ns == HIST_ABOVE ? INFINITY : (double)ns / 1e3;
}

static struct latency_percentile percentile(const struct hist *h, double q)
{
	uint64_t n = hist_count(h), low, high;
	struct latency_percentile p = { .needs = stats_quantile_needs(q, MODEL_LEVEL) };

	if (!stats_quantile_ranks(n, q, MODEL_LEVEL, &low, &high))
		return p;
	p.there = true;
	p.value_us = us_at(h, (uint64_t)ceil(q * (double)n - 1e-6));
	p.low_us = us_at(h, low);
	p.high_us = us_at(h, high);
	return p;
}

static void add_samples(struct latency_cell *cell, const struct run *run)
{
	cell->runs++;
	for (size_t i = 0; i < run->latency.n; i++) {
		hist_record(cell->hist[LATENCY_RESPONSE], run->latency.response_ns[i]);
		hist_record(cell->hist[LATENCY_SERVICE], run->latency.service_ns[i]);
	}
}

static void build_cell(struct latency_cell *cell, const struct result *r,
		       const struct model_section *x, const char *implementation)
{
	struct err impossible = ERR_INIT; /* range and digits are constants */
	struct sample cpu = { 0 };

	*cell = (struct latency_cell){ .implementation = implementation };
	for (int t = 0; t < LATENCY_TIMES; t++) {
		cell->hist[t] = hist_new(HIST_HOUR_NS, HIST_DIGITS, &impossible);
		BUG_ON(!cell->hist[t]);
	}
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];
		const struct metric_value *v = &run->metrics[METRIC_CPU_PER_TRIGGER];

		if (!is_of(run, x, implementation) || !run_counts(run, false))
			continue;
		add_samples(cell, run);
		if (v->there)
			sample_add(&cpu, v->value, 0);
	}
	cell->cpu_us = stats_estimate_median(cpu.a, cpu.n, MODEL_LEVEL, r->seed);
	sample_release(&cpu);
	for (int t = 0; t < LATENCY_TIMES; t++)
		for (int k = 0; k < LATENCY_PERCENTILES; k++)
			cell->p[t][k] = percentile(cell->hist[t], latency_percentiles[k].q);
}

/* ---- the goal ------------------------------------------------------------------------ */

static const struct latency_cell *cell_of(const struct latency_section *s,
					  const char *implementation)
{
	for (size_t i = 0; s && i < s->n_cells; i++)
		if (!strcmp(s->cells[i].implementation, implementation))
			return &s->cells[i];
	return NULL;
}

/* The same extractor, alone and with a full buffer. */
static const struct latency_section *alone_full(const struct latency_report *l,
						const struct model_section *x)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct model_section *o = l->sections[i].section;

		if (o->type == x->type && !strcmp(o->scenario, x->scenario) &&
		    !strcmp(o->phase, ALONE_FULL))
			return &l->sections[i];
	}
	return NULL;
}

static const char *missing(const struct latency_goal *g)
{
	if (!g->p99.there)
		return "too few samples for its p99";
	if (!g->relay_p99.there)
		return "too few samples for the relay's p99";
	return isnan(g->extraction_us) ? "its CPU time per trigger or the relay's is not known"
				       : NULL;
}

/* Only what holds with the whole of all intervals is said; one run has none (NaN). */
static enum latency_verdict judge(const struct latency_goal *g)
{
	if (g->p99.high_us <= g->relay_p99.low_us + g->extraction_low_us + LATENCY_GOAL_US)
		return LATENCY_MET;
	if (g->p99.low_us > g->relay_p99.high_us + g->extraction_high_us + LATENCY_GOAL_US)
		return LATENCY_MISSED;
	return LATENCY_UNDECIDED;
}

static void set_extraction(struct latency_goal *g, const struct estimate *mine,
			   const struct estimate *relay)
{
	g->extraction_us = mine->value - relay->value;
	g->extraction_low_us = mine->low - relay->high;
	g->extraction_high_us = mine->high - relay->low;
}

static void build_goals(struct latency_section *s, const struct latency_report *l)
{
	const struct latency_section *alone = alone_full(l, s->section);
	const struct latency_cell *relay = cell_of(s, RELAY), *relay_alone = cell_of(alone, RELAY);
	const char *suffix = strrchr(s->section->phase, '-');

	for (size_t i = 0; suffix && !strcmp(suffix, FULL_SUFFIX) && i < s->n_cells; i++) {
		const struct latency_cell *mine = &s->cells[i];
		const struct latency_cell *mine_alone = cell_of(alone, mine->implementation);
		struct latency_goal *g = &s->goals[s->n_goals];

		if (mine == relay)
			continue;
		*g = (struct latency_goal){
			.implementation = mine->implementation,
			.p99 = mine->p[LATENCY_RESPONSE][LATENCY_P99],
			.extraction_us = NAN,
			.extraction_low_us = NAN,
			.extraction_high_us = NAN,
			.verdict = LATENCY_UNDECIDED,
		};
		if (relay)
			g->relay_p99 = relay->p[LATENCY_RESPONSE][LATENCY_P99];
		if (mine_alone && relay_alone)
			set_extraction(g, &mine_alone->cpu_us, &relay_alone->cpu_us);
		g->why = missing(g);
		if (!g->why)
			g->verdict = judge(g);
		s->n_goals++;
	}
}

/* ---- the whole ------------------------------------------------------------------------- */

static bool has_samples(const struct result *r, const struct model_section *x)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].latency.n && is_of(&r->runs[i], x, r->runs[i].implementation))
			return true;
	return false;
}

struct latency_report *latency_report_new(const struct model *m)
{
	struct latency_report *l = mem_calloc(1, sizeof(*l));

	l->sections = mem_calloc(m->n_sections + 1, sizeof(*l->sections));
	for (size_t i = 0; i < m->n_sections; i++) {
		const struct model_section *x = &m->sections[i];
		struct latency_section *s = &l->sections[l->n];

		if (!has_samples(m->result, x))
			continue;
		s->section = x;
		for (size_t k = 0; k < x->n_implementations; k++)
			build_cell(&s->cells[s->n_cells++], m->result, x, x->implementations[k]);
		l->n++;
	}
	for (size_t i = 0; i < l->n; i++)
		build_goals(&l->sections[i], l);
	split_report_build(&l->split, m->result);
	if (l->n)
		return l;
	latency_report_free(l);
	return NULL;
}

void latency_report_free(struct latency_report *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < l->sections[i].n_cells; k++)
			for (int t = 0; t < LATENCY_TIMES; t++)
				hist_free(l->sections[i].cells[k].hist[t]);
	free(l->sections);
	split_report_release(&l->split);
	free(l);
}
