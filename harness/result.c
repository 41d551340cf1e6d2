/* The raw values of a session; see result.h. */
#include "harness/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

const char *const run_status_names[RUN_STATUSES] = { "ok",	  "void",    "failed",
						     "disturbed", "stopped", "unfinished" };

const char *const comparison_end_names[COMPARISON_ENDS] = { "undecided", "decided", "out of budget",
							    "stopped" };

const char *const split_outcome_names[SPLIT_OUTCOMES] = { "whole", "was awake", "no send" };
const char *const split_part_names[SPLIT_PARTS] = { "redis", "runq", "compute", "delivery" };

const char *const item_outcome_names[ITEM_OUTCOMES] = { "pass", "fail", "unavailable" };

void result_release(struct result *r)
{
	for (size_t i = 0; i < r->n_facts; i++) {
		free(r->facts[i].key);
		free(r->facts[i].value);
	}
	free(r->facts);
	free(r->comparisons);
	for (size_t i = 0; i < r->n_runs; i++)
		run_release(&r->runs[i]);
	free(r->runs);
	free(r->trials);
	for (size_t i = 0; i < r->n_series; i++)
		series_release(&r->series[i]);
	free(r->series);
	for (size_t i = 0; i < r->n_timelines; i++)
		timeline_release(&r->timelines[i]);
	free(r->timelines);
	free(r->items);
	free(r->settings);
	free(r->opinions);
	memset(r, 0, sizeof(*r));
}

/* Room for one more element: the counts are small, one step a time is enough. */
static void *grown(void *array, size_t n, size_t size)
{
	return mem_realloc(array, n + 1, size);
}

void result_add_fact(struct result *r, const char *key, const char *value_fmt, ...)
{
	va_list ap;
	char value[1024];

	va_start(ap, value_fmt);
	vsnprintf(value, sizeof(value), value_fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < r->n_facts; i++)
		if (!strcmp(r->facts[i].key, key) && !strcmp(r->facts[i].value, value))
			return; /* on record already */
	r->facts = grown(r->facts, r->n_facts, sizeof(*r->facts));
	r->facts[r->n_facts++] = (struct fact){ mem_strdup(key), mem_strdup(value) };
}

const char *result_fact(const struct result *r, const char *key)
{
	for (size_t i = 0; i < r->n_facts; i++)
		if (!strcmp(r->facts[i].key, key))
			return r->facts[i].value;
	return NULL;
}

int result_add_comparison(struct result *r, const char *scenario, const char *phase,
			  enum event_type extractor, const char *a, const char *b)
{
	struct comparison *c;

	r->comparisons = grown(r->comparisons, r->n_comparisons, sizeof(*r->comparisons));
	c = &r->comparisons[r->n_comparisons];
	memset(c, 0, sizeof(*c));
	c->extractor = extractor;
	snprintf(c->scenario, sizeof(c->scenario), "%s", scenario);
	snprintf(c->phase, sizeof(c->phase), "%s", phase);
	snprintf(c->a, sizeof(c->a), "%s", a);
	snprintf(c->b, sizeof(c->b), "%s", b);
	return (int)r->n_comparisons++;
}

struct run *result_add_run(struct result *r, const struct run *run)
{
	r->runs = grown(r->runs, r->n_runs, sizeof(*r->runs));
	r->runs[r->n_runs] = *run;
	return &r->runs[r->n_runs++];
}

struct trial *result_add_trial(struct result *r, const struct trial *trial)
{
	r->trials = grown(r->trials, r->n_trials, sizeof(*r->trials));
	r->trials[r->n_trials] = *trial;
	return &r->trials[r->n_trials++];
}

void result_add_series(struct result *r, struct series *series)
{
	r->series = grown(r->series, r->n_series, sizeof(*r->series));
	r->series[r->n_series++] = *series;
	*series = (struct series){ 0 };
}

const struct series *result_series(const struct result *r, const struct run *run)
{
	for (size_t i = 0; i < r->n_series; i++)
		if (!strcmp(r->series[i].run, run->id))
			return &r->series[i];
	return NULL;
}

void result_add_timeline(struct result *r, struct timeline *timeline)
{
	r->timelines = grown(r->timelines, r->n_timelines, sizeof(*r->timelines));
	r->timelines[r->n_timelines++] = *timeline;
	*timeline = (struct timeline){ 0 };
}

const struct timeline *result_timeline(const struct result *r, const struct run *run)
{
	for (size_t i = 0; i < r->n_timelines; i++)
		if (!strcmp(r->timelines[i].run, run->id))
			return &r->timelines[i];
	return NULL;
}

size_t run_rows_booked(const struct run *run, const struct series *series)
{
	size_t n = 0;

	while (n < series->n && !(series->v[n].elapsed_s > run->books_until_s)) /* NaN: all */
		n++;
	return n;
}

struct item_result *result_add_item(struct result *r, const struct item_result *item)
{
	r->items = grown(r->items, r->n_items, sizeof(*r->items));
	r->items[r->n_items] = *item;
	return &r->items[r->n_items++];
}

struct setting *result_add_setting(struct result *r, const struct setting *setting)
{
	r->settings = grown(r->settings, r->n_settings, sizeof(*r->settings));
	r->settings[r->n_settings] = *setting;
	return &r->settings[r->n_settings++];
}

struct opinion *result_add_opinion(struct result *r, const struct opinion *opinion)
{
	r->opinions = grown(r->opinions, r->n_opinions, sizeof(*r->opinions));
	r->opinions[r->n_opinions] = *opinion;
	return &r->opinions[r->n_opinions++];
}

void run_set(struct run *run, enum metric_id id, double value)
{
	run->metrics[id] = (struct metric_value){ .there = true, .value = value };
}

void run_unavailable(struct run *run, enum metric_id id, const char *why)
{
	struct metric_value *v = &run->metrics[id];

	v->there = false;
	snprintf(v->why, sizeof(v->why), "%s", why);
}

void run_release(struct run *run)
{
	free(run->latency.response_ns);
	free(run->latency.service_ns);
	run->latency = (struct latency_samples){ 0 };
	free(run->split.outcome);
	for (int p = 0; p < SPLIT_PARTS; p++)
		free(run->split.part_ns[p]);
	run->split = (struct split_samples){ 0 };
}
