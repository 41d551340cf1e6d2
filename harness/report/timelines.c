/* Representative runs and their curves; see timelines.h. */
#include "harness/report/timelines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

#define LEAST_RATIO 2.0	  /* what an axis spans: a flat line looks flat */
#define LEAST_RATE  100.0 /* times the floor is the least top of a rate's axis */

const struct timeline_quantity_info timeline_quantities[TIMELINE_QUANTITIES] = {
	[TIMELINE_RSS] = { "RSS, MB", 0 },
	/* a wakeup of 10 us in 0.1 s; a wait of 1 us */
	[TIMELINE_CPU] = { "CPU, % of a core", 0.01 },
	[TIMELINE_WAIT] = { "run-queue wait, % of the time", 0.001 },
};

/* ---- the run in the middle ------------------------------------------------------------------ */

static bool belongs(const struct run *run, const struct model_section *x,
		    const char *implementation)
{
	return run->extractor == x->type && run->status == RUN_OK &&
	       !strcmp(run->phase, x->phase) && !strcmp(run->scenario, x->scenario) &&
	       !strcmp(run->implementation, implementation);
}

/* Before another one: by value, equal ones in the order made. */
static bool stands_before(const struct run *a, const struct run *b, enum metric_id id)
{
	double va = a->metrics[id].value, vb = b->metrics[id].value;

	return va < vb || (va == vb && a < b);
}

static bool is_candidate(const struct result *r, const struct run *run,
			 const struct model_section *x, const char *implementation)
{
	return belongs(run, x, implementation) && run->metrics[x->rows[0].metric].there &&
	       result_timeline(r, run);
}

static const struct run *middle_run(const struct result *r, const struct model_section *x,
				    const char *implementation)
{
	size_t n = 0;

	for (size_t i = 0; x->n_rows && i < r->n_runs; i++)
		n += is_candidate(r, &r->runs[i], x, implementation);
	for (size_t i = 0; n && i < r->n_runs; i++) {
		size_t before = 0;

		if (!is_candidate(r, &r->runs[i], x, implementation))
			continue;
		for (size_t k = 0; k < r->n_runs; k++)
			before += k != i && is_candidate(r, &r->runs[k], x, implementation) &&
				  stands_before(&r->runs[k], &r->runs[i], x->rows[0].metric);
		if (before == (n - 1) / 2)
			return &r->runs[i];
	}
	return NULL;
}

/* ---- curves ------------------------------------------------------------------------------------ */

static void add_point(struct timeline_curve *c, enum timeline_quantity q, double at_s, double value)
{
	if (isfinite(value) && value >= 0) /* a counter that went back is no rate */
		c->v[q][c->n[q]++] = (struct timeline_point){ at_s, value };
}

/* Per cent of the time between two rows that the counter grew by. */
static double percent(double from_ns, double to_ns, double seconds)
{
	return 100 * (to_ns - from_ns) / (seconds * 1e9);
}

static void fill_curve(struct timeline_curve *c)
{
	const struct timeline *t = c->data;

	for (int q = 0; q < TIMELINE_QUANTITIES; q++)
		c->v[q] = mem_calloc(t->n + 1, sizeof(*c->v[q]));
	for (size_t i = 0; i < t->n; i++) {
		const struct timeline_row *row = &t->v[i], *before = i ? row - 1 : NULL;

		add_point(c, TIMELINE_RSS, row->elapsed_s, row->rss_fast_bytes / 1e6);
		if (!before)
			continue;
		add_point(c, TIMELINE_CPU, (before->elapsed_s + row->elapsed_s) / 2,
			  percent(before->cpu_ns, row->cpu_ns, row->elapsed_s - before->elapsed_s));
		add_point(c, TIMELINE_WAIT, (before->elapsed_s + row->elapsed_s) / 2,
			  percent(before->runq_wait_ns, row->runq_wait_ns,
				  row->elapsed_s - before->elapsed_s));
	}
}

static double end_of(const struct timeline *t)
{
	double end_s = t->n ? t->v[t->n - 1].elapsed_s : 0;

	return t->n_stages ? fmax(end_s, t->stages[t->n_stages - 1].end_s) : end_s;
}

/* ---- panels ------------------------------------------------------------------------------------ */

static void set_range(struct timeline_panel *panel, enum timeline_quantity q)
{
	struct plot_range *range = &panel->range[q];
	double floor = timeline_quantities[q].floor;
	bool any = false;

	*range = PLOT_RANGE_NONE;
	for (size_t c = 0; c < panel->n; c++)
		for (size_t i = 0; i < panel->curves[c].n[q]; i++) {
			plot_range_add(range, panel->curves[c].v[q][i].value);
			any = true;
		}
	if (!any)
		return;
	if (floor > 0) {
		range->high = fmax(range->high * 1.2, floor * LEAST_RATE);
		range->low = floor;
	} else if (!plot_range_is_empty(range)) {
		plot_range_pad(range, LEAST_RATIO);
	}
}

static bool build_panel(struct timeline_panel *panel, const struct result *r,
			const struct model_section *x)
{
	*panel = (struct timeline_panel){ .section = x };
	for (size_t i = 0; i < x->n_implementations; i++) {
		const struct run *run = middle_run(r, x, x->implementations[i]);
		struct timeline_curve *c = &panel->curves[panel->n];

		if (!run)
			continue;
		*c = (struct timeline_curve){ .implementation = x->implementations[i],
					      .run = run,
					      .data = result_timeline(r, run) };
		fill_curve(c);
		panel->end_s = fmax(panel->end_s, end_of(c->data));
		panel->n++;
	}
	for (int q = 0; q < TIMELINE_QUANTITIES; q++)
		set_range(panel, (enum timeline_quantity)q);
	return panel->n;
}

void timelines_build(struct timelines *t, const struct model *m, const char *scenario)
{
	*t = (struct timelines){ .panels = mem_calloc(m->n_sections + 1, sizeof(*t->panels)) };
	for (size_t i = 0; m->result->n_timelines && i < m->n_sections; i++)
		if (!strcmp(m->sections[i].scenario, scenario))
			t->n += build_panel(&t->panels[t->n], m->result, &m->sections[i]);
}

void timelines_release(struct timelines *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t c = 0; c < t->panels[i].n; c++)
			for (int q = 0; q < TIMELINE_QUANTITIES; q++)
				free(t->panels[i].curves[c].v[q]);
	free(t->panels);
	*t = (struct timelines){ 0 };
}
