/*
 * The list of figures; see values.h.
 *
 * Nothing is decided here that the model has decided: the estimates are its own, the raw
 * values are those that it made them of.
 */
#include "harness/export/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/export/text.h"
#include "harness/report/latency.h"
#include "harness/report/paired.h"
#include "harness/report/sample.h"
#include "harness/report/searches.h"

/* The first row whose suffix a key ends in counts; the last takes every key. */
static const struct value_unit units[] = {
	{ "_ratio", "B/A", VALUE_OTHER, 1, NULL, NULL },
	{ "_ns_per_event", "ns/event", VALUE_TIME, 1e9, "_per_event_seconds", "seconds" },
	{ "_us_per_trigger", "us/trigger", VALUE_TIME, 1e6, "_per_trigger_seconds", "seconds" },
	{ "_ns_per_h", "ns/h", VALUE_OTHER, 1, NULL, NULL },
	{ "_us_per_h", "us/h", VALUE_OTHER, 1, NULL, NULL },
	{ "_bytes_per_h", "bytes/h", VALUE_OTHER, 1, NULL, NULL },
	{ "_bytes_per_1000_events", "bytes/1000 events", VALUE_OTHER, 1, NULL, NULL },
	{ "_per_1000_events", "1/1000 events", VALUE_OTHER, 1, NULL, NULL },
	{ "_events_per_s", "events/s", VALUE_OTHER, 1, NULL, NULL },
	{ "_points_per_s", "points/s", VALUE_OTHER, 1, NULL, NULL },
	{ "_per_s", "1/s", VALUE_OTHER, 1, NULL, NULL },
	{ "_per_event", "1/event", VALUE_OTHER, 1, NULL, NULL },
	{ "_bytes", "bytes", VALUE_BYTES, 1, "_bytes", "bytes" },
	{ "_pct", "%", VALUE_PERCENT, 100, "_ratio", "ratio" },
	{ "_ms", "ms", VALUE_TIME, 1e3, "_seconds", "seconds" },
	{ "_us", "us", VALUE_TIME, 1e6, "_seconds", "seconds" },
	{ "", "count", VALUE_COUNT, 1, NULL, NULL },
};

const struct value_unit *value_unit_of(const char *key)
{
	const struct value_unit *u = units;
	size_t len = strlen(key);

	for (;; u++) {
		size_t n = strlen(u->suffix);

		if (n <= len && !strcmp(key + len - n, u->suffix))
			return u;
	}
}

/* ---- the list ----------------------------------------------------------------------- */

/* Whose figures are added. */
struct place {
	const char *scenario, *phase;
	enum event_type type;
	const char *subject;
};

static size_t group_of(struct export_values *all, const struct place *p)
{
	struct buf name = { 0 };
	size_t i = all->n_groups;

	text_part(&name, p->scenario);
	buf_add_char(&name, '/');
	text_part(&name, p->phase);
	buf_printf(&name, "/%s/", event_type_names[p->type]);
	text_part(&name, p->subject);
	while (i > 0 && strcmp(all->groups[i - 1], buf_str(&name)))
		i--;
	if (!i) {
		all->groups = mem_realloc(all->groups, all->n_groups + 1, sizeof(*all->groups));
		all->groups[all->n_groups++] = mem_strdup(buf_str(&name));
		i = all->n_groups;
	}
	buf_release(&name);
	return i - 1;
}

static struct export_value *add(struct export_values *all, const struct place *p, const char *key,
				const char *ending)
{
	struct export_value *v;

	all->v = mem_realloc(all->v, all->n + 1, sizeof(*all->v));
	v = &all->v[all->n++];
	*v = (struct export_value){ .scenario = p->scenario, .phase = p->phase, .type = p->type };
	snprintf(v->subject, sizeof(v->subject), "%s", p->subject);
	snprintf(v->key, sizeof(v->key), "%s%s", key, ending);
	v->unit = value_unit_of(v->key);
	v->group = group_of(all, p);
	return v;
}

static bool all_finite(const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			return false;
	return true;
}

/* `why`: the reason when the estimate is empty. */
static void set_estimate(struct export_values *all, struct export_value *v,
			 const struct estimate *est, const char *why, bool is_bound)
{
	v->est = *est;
	if (!est->n)
		v->why = why && why[0] ? why : "no valid run";
	else if (is_bound)
		v->why = "only a bound is known";
	else if (!isfinite(est->value) || !all_finite(v->samples, v->n_samples))
		v->why = "not a finite number";
	v->is_bound = est->n && is_bound;
	all->bounds += v->is_bound;
	all->unavailable += v->why && !v->is_bound;
}

/* ---- medians of runs ------------------------------------------------------------------ */

static bool is_of(const struct run *run, const struct place *p)
{
	return run->extractor == p->type && !strcmp(run->phase, p->phase) &&
	       !strcmp(run->scenario, p->scenario) && !strcmp(run->implementation, p->subject);
}

static void take_runs(struct export_value *v, const struct result *r, const struct place *p,
		      enum metric_id id)
{
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];

		if (!is_of(run, p) || !run_counts(run, false) || !run->metrics[id].there)
			continue;
		v->samples = mem_realloc(v->samples, v->n_samples + 1, sizeof(*v->samples));
		v->runs = mem_realloc(v->runs, v->n_samples + 1, sizeof(*v->runs));
		v->samples[v->n_samples] = run->metrics[id].value;
		v->runs[v->n_samples++] = run;
	}
}

static void take_searches(struct export_value *v, const struct result *r,
			  const struct model_section *x)
{
	struct sample rates = { 0 };

	searches_collect(r, x, v->subject, &rates);
	v->samples = rates.a;
	v->n_samples = rates.n;
	free(rates.b);
}

static void add_cell(struct export_values *all, const struct result *r,
		     const struct model_section *x, enum metric_id id,
		     const struct model_cell *cell)
{
	struct place p = { x->scenario, x->phase, x->type, cell->implementation };
	struct export_value *v = add(all, &p, metrics[id].key, "");

	v->better = metrics[id].better;
	v->what = metrics[id].what;
	if (cell->est.n && id == METRIC_SUSTAINED_RATE)
		take_searches(v, r, x);
	else if (cell->est.n)
		take_runs(v, r, &p, id);
	set_estimate(all, v, &cell->est, cell->why, cell->n_bounds > 0);
}

/* ---- ratios ------------------------------------------------------------------------------ */

/* A results.json that somebody made may list a comparison twice. */
static bool was_before(const struct model_row *row, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(row->ratios[k].a, row->ratios[i].a) &&
		    !strcmp(row->ratios[k].b, row->ratios[i].b))
			return true;
	return false;
}

static void add_ratio(struct export_values *all, const struct model_section *x,
		      const struct model_row *row, size_t i)
{
	const struct model_ratio *ratio = &row->ratios[i];
	char subject[VALUE_SUBJECT_MAX];
	struct place p = { x->scenario, x->phase, x->type, subject };
	struct export_value *v;

	if (paired_is_aa(ratio->comparison) || was_before(row, i))
		return;
	snprintf(subject, sizeof(subject), "%s:%s", ratio->a, ratio->b);
	v = add(all, &p, metrics[row->metric].key, "_ratio");
	v->better = metrics[row->metric].better;
	v->what = "B/A: the Hodges-Lehmann estimate over the pairs' log ratios";
	set_estimate(all, v, &ratio->est, ratio->why, ratio->bound != BOUND_NONE);
}

static void add_section(struct export_values *all, const struct model *m,
			const struct model_section *x)
{
	for (size_t i = 0; i < x->n_rows; i++)
		for (size_t k = 0; k < x->rows[i].n_cells; k++)
			add_cell(all, m->result, x, x->rows[i].metric, &x->rows[i].cells[k]);
	for (size_t i = 0; i < x->n_rows; i++)
		for (size_t k = 0; k < x->rows[i].n_ratios; k++)
			add_ratio(all, x, &x->rows[i], k);
}

/* ---- percentiles of merged histograms ------------------------------------------------------ */

static const char *const percentile_keys[LATENCY_TIMES][LATENCY_PERCENTILES] = {
	[LATENCY_RESPONSE] = { "response_merged_p50_us", "response_merged_p90_us",
			       "response_merged_p99_us", "response_merged_p999_us" },
	[LATENCY_SERVICE] = { "service_merged_p50_us", "service_merged_p90_us",
			      "service_merged_p99_us", "service_merged_p999_us" },
};

static void add_percentile(struct export_values *all, const struct place *p,
			   const struct latency_cell *cell, int t, int k)
{
	const struct latency_percentile *from = &cell->p[t][k];
	struct export_value *v = add(all, p, percentile_keys[t][k], "");
	struct estimate est = { .n = from->there ? (size_t)hist_count(cell->hist[t]) : 0,
				.value = from->value_us,
				.low = from->low_us,
				.high = from->high_us,
				.level = MODEL_LEVEL,
				.se = NAN,
				.method = STATS_EXACT };

	v->better = LOWER_IS_BETTER;
	v->what = "a percentile of all valid runs' samples together";
	set_estimate(all, v, &est, "too few samples for an interval", false);
}

static void add_latency(struct export_values *all, const struct latency_section *s)
{
	for (size_t i = 0; i < s->n_cells; i++) {
		const struct model_section *x = s->section;
		struct place p = { x->scenario, x->phase, x->type, s->cells[i].implementation };

		for (int t = 0; t < LATENCY_TIMES; t++)
			for (int k = 0; k < LATENCY_PERCENTILES; k++)
				add_percentile(all, &p, &s->cells[i], t, k);
	}
}

/* ---- slopes of soaks --------------------------------------------------------------------------- */

/* Of the subject's first stretch. */
static const struct run *first_stretch(const struct result *r, const struct model_soak *soak)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].extractor == soak->type && !strcmp(r->runs[i].phase, "soak") &&
		    !strcmp(r->runs[i].implementation, soak->implementation))
			return &r->runs[i];
	return NULL;
}

static void add_soak(struct export_values *all, const struct result *r,
		     const struct model_soak *soak)
{
	const struct run *run = first_stretch(r, soak);
	struct place p = { run ? run->scenario : "soak", "soak", soak->type, soak->implementation };
	const struct {
		const char *key, *what;
		const struct estimate *est;
	} slopes[] = {
		{ "leak_bytes_per_h", "slope of private memory (USS)",
		  &soak->slopes.leak_bytes_per_h },
		{ "response_drift_us_per_h", "slope of the response time's median",
		  &soak->slopes.response_drift_us_per_h },
		{ "cpu_drift_ns_per_h", "slope of the CPU time per event",
		  &soak->slopes.cpu_drift_ns_per_h },
	};

	for (size_t i = 0; i < ARRAY_SIZE(slopes); i++) {
		struct export_value *v = add(all, &p, slopes[i].key, "");

		v->better = LOWER_IS_BETTER;
		v->what = slopes[i].what;
		set_estimate(all, v, slopes[i].est, soak->why ? soak->why : soak->slopes.leak_why,
			     false);
	}
}

/* ---- the whole ------------------------------------------------------------------------------------ */

void values_build(struct export_values *all, const struct model *m)
{
	memset(all, 0, sizeof(*all));
	for (size_t i = 0; i < m->n_sections; i++)
		add_section(all, m, &m->sections[i]);
	for (size_t i = 0; m->latency && i < m->latency->n; i++)
		add_latency(all, &m->latency->sections[i]);
	for (size_t i = 0; i < m->n_soaks; i++)
		add_soak(all, m->result, &m->soaks[i]);
}

void values_release(struct export_values *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->v[i].samples);
		free(all->v[i].runs);
	}
	for (size_t i = 0; i < all->n_groups; i++)
		free(all->groups[i]);
	free(all->v);
	free(all->groups);
	memset(all, 0, sizeof(*all));
}

void value_name(const struct export_values *all, const struct export_value *v, struct buf *out)
{
	buf_printf(out, "%s/%s", all->groups[v->group], v->key);
}

bool value_has_interval(const struct export_value *v)
{
	return v->est.n >= 2 && isfinite(v->est.low) && isfinite(v->est.high);
}

bool value_is_first_of_key(const struct export_values *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!all->v[k].why && !strcmp(all->v[k].key, all->v[i].key))
			return false;
	return true;
}
