/* Which figures stand at the top; see headlines.h. */
#include "harness/report/headlines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

static const enum metric_id headline_metrics[] = { METRIC_DRAIN_RATE,	 METRIC_SUSTAINED_RATE,
						   METRIC_CPU_PER_EVENT, METRIC_RSS,
						   METRIC_RSS_IDLE,	 METRIC_CPU_HUMAN,
						   METRIC_FIRST_FEATURE, METRIC_EXEC_CPU,
						   METRIC_RESPONSE_P50 };

static bool same_side(const char *x, const char *y)
{
	return !strcmp(x, y) || (model_is_floor(x) && model_is_floor(y));
}

/* The floors of some scenarios are relays; all floors are one column of a reader's interest. */
static struct headline_table *table_of(struct headlines *h, const struct model_ratio *r)
{
	struct headline_table *t = h->tables;

	while (t < h->tables + h->n && !(same_side(t->a, r->a) && same_side(t->b, r->b)))
		t++;
	if (t < h->tables + h->n)
		return t;
	h->tables = mem_realloc(h->tables, h->n + 1, sizeof(*h->tables));
	t = &h->tables[h->n++];
	*t = (struct headline_table){ .a = r->a, .b = r->b, .of_floor = model_is_floor(r->a) };
	return t;
}

static bool same_phase(const struct model_section *x, const struct model_section *y)
{
	return !strcmp(x->scenario, y->scenario) && !strcmp(x->phase, y->phase);
}

/* One that has no figure of the extractor yet: two floors in one phase are two rows. */
static struct headline *row_of(struct headline_table *t, const struct model_section *x,
			       enum metric_id id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].metric == id && same_phase(t->rows[i].section, x) &&
		    !t->rows[i].ratios[x->type])
			return &t->rows[i];
	t->rows = mem_realloc(t->rows, t->n + 1, sizeof(*t->rows));
	t->rows[t->n] = (struct headline){ .section = x, .metric = id };
	return &t->rows[t->n++];
}

static void add_noise(struct headline_noise *noise, const struct estimate *aa)
{
	double bound_frac = exp(verdict_noise_bound(aa)) - 1;

	if (aa->n < 2 || aa->level < VERDICT_NOISE_LEVEL || !isfinite(bound_frac)) {
		noise->missing++;
		return;
	}
	noise->least_frac = noise->n ? fmin(noise->least_frac, bound_frac) : bound_frac;
	noise->most_frac = noise->n ? fmax(noise->most_frac, bound_frac) : bound_frac;
	noise->n++;
}

/* A floor makes no features, say: that is no finding of the session. */
static bool cannot_be(const struct model_ratio *r)
{
	return model_is_floor(r->a) && !r->est.n && !r->with_disturbed.n &&
	       r->verdict != VERDICT_VOID;
}

static void add_figure(struct headlines *h, const struct model_section *x, enum metric_id id,
		       const struct model_ratio *ratio)
{
	struct headline_table *t;

	if (cannot_be(ratio))
		return;
	t = table_of(h, ratio);
	row_of(t, x, id)->ratios[x->type] = ratio;
	t->has_type[x->type] = true;
	t->by_verdict[x->type][ratio->verdict]++;
	h->figures++;
	h->undecided += ratio->verdict == VERDICT_TOO_FEW;
	add_noise(&h->noise, &ratio->noise);
}

static void add_section(struct headlines *h, const struct model_section *x)
{
	for (size_t k = 0; k < ARRAY_SIZE(headline_metrics); k++) {
		const struct model_row *row = model_row(x, headline_metrics[k]);

		for (size_t i = 0; row && i < row->n_ratios; i++)
			if (!model_is_aa(&row->ratios[i]))
				add_figure(h, x, headline_metrics[k], &row->ratios[i]);
	}
}

/* Stable: of one kind, tables stay in the order of the comparisons. */
static void floors_last(struct headlines *h)
{
	struct headline_table *sorted = mem_calloc(h->n + 1, sizeof(*sorted));
	size_t n = 0;

	for (int of_floor = 0; of_floor < 2; of_floor++)
		for (size_t i = 0; i < h->n; i++)
			if (h->tables[i].of_floor == (bool)of_floor)
				sorted[n++] = h->tables[i];
	free(h->tables);
	h->tables = sorted;
}

void headlines_build(struct headlines *h, const struct model *m)
{
	*h = (struct headlines){ 0 };
	for (size_t i = 0; i < m->n_sections; i++)
		if (!m->sections[i].of_tuning)
			add_section(h, &m->sections[i]);
	floors_last(h);
}

void headlines_release(struct headlines *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->tables[i].rows);
	free(h->tables);
	*h = (struct headlines){ 0 };
}
