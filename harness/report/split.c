/* The parts of traced runs; see split.h. */
#include "harness/report/split.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/sample.h"

#define SCORED_PHASE "alone-full" /* the traced run has its shape */

static struct estimate median_us(const struct sample *s, const struct result *r)
{
	return stats_estimate_median(s->a, s->n, MODEL_LEVEL, r->seed);
}

static void add_service(struct sample *s, const struct run *run)
{
	for (size_t i = 0; i < run->latency.n; i++)
		sample_add(s, (double)run->latency.service_ns[i] / 1e3, 0);
}

static struct estimate traced(const struct result *r, const struct run *run)
{
	struct sample s = { 0 };
	struct estimate est;

	add_service(&s, run);
	est = median_us(&s, r);
	sample_release(&s);
	return est;
}

static struct estimate scored(const struct result *r, const struct run *of)
{
	struct sample s = { 0 };
	struct estimate est;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (run->extractor == of->extractor && !strcmp(run->phase, SCORED_PHASE) &&
		    !strcmp(run->scenario, of->scenario) &&
		    !strcmp(run->implementation, of->implementation) && run_counts(run, false))
			add_service(&s, run);
	}
	est = median_us(&s, r);
	sample_release(&s);
	return est;
}

static double sum_ns(const struct split_samples *s, enum split_part p)
{
	double sum = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->outcome[i] != SPLIT_NO_SEND)
			sum += (double)s->part_ns[p][i];
	return sum;
}

static struct estimate part(const struct result *r, const struct split_samples *split,
			    enum split_part p)
{
	struct sample s = { 0 };
	struct estimate est;

	for (size_t i = 0; i < split->n; i++)
		if (split->outcome[i] != SPLIT_NO_SEND)
			sample_add(&s, (double)split->part_ns[p][i] / 1e3, 0);
	est = median_us(&s, r);
	sample_release(&s);
	return est;
}

static const char *missing(const struct split_row *row)
{
	if (!run_counts(row->run, true))
		return row->run->why[0] ? row->run->why : run_status_names[row->run->status];
	if (!row->run->split.n)
		return "no trigger was answered";
	return row->known ? NULL : "no send of the process that was started was seen";
}

static void build_row(struct split_row *row, const struct result *r, const struct run *run)
{
	const struct split_samples *s = &run->split;
	double sums[SPLIT_PARTS], whole = 0;

	*row = (struct split_row){ .run = run };
	for (size_t i = 0; i < s->n; i++)
		row->outcomes[s->outcome[i]]++;
	row->known = s->n - row->outcomes[SPLIT_NO_SEND];
	row->why = missing(row);
	if (row->why)
		return;
	for (int p = 0; p < SPLIT_PARTS; p++) {
		row->part_us[p] = part(r, s, (enum split_part)p);
		sums[p] = sum_ns(s, (enum split_part)p);
		whole += sums[p];
	}
	for (int p = 0; p < SPLIT_PARTS; p++)
		row->share_frac[p] = sums[p] / whole;
	row->traced_us = traced(r, run);
	row->scored_us = scored(r, run);
}

/* The reason of the first scenario that has one. */
static const char *reason(const struct result *r)
{
	for (size_t i = 0; i < r->n_facts; i++) {
		size_t len = strlen(r->facts[i].key), end = strlen(SPLIT_FACT);

		if (len > end && !strcmp(r->facts[i].key + len - end, SPLIT_FACT))
			return r->facts[i].value;
	}
	return NULL;
}

/* Other scenarios have phases of that name, too: ours have latencies, or none for a reason. */
static bool is_traced(const struct result *r, const struct run *run)
{
	if (strcmp(run->phase, SPLIT_PHASE))
		return false;
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].latency.n && !strcmp(r->runs[i].scenario, run->scenario))
			return true;
	return false;
}

void split_report_build(struct split_report *out, const struct result *r)
{
	*out = (struct split_report){ .why = reason(r) };
	out->rows = mem_calloc(r->n_runs + 1, sizeof(*out->rows));
	for (size_t i = 0; i < r->n_runs; i++)
		if (is_traced(r, &r->runs[i]))
			build_row(&out->rows[out->n++], r, &r->runs[i]);
}

void split_report_release(struct split_report *s)
{
	free(s->rows);
	*s = (struct split_report){ 0 };
}
