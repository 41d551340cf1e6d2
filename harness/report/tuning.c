/* Settings and recommendations; see tuning.h.  The rule itself is tuning_rule.c. */
#include "harness/report/tuning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "harness/report/tuning_rule.h"

/* The metrics that matter for a setting: what it is recommended by, or must not spoil. */
static const enum metric_id that_matter[] = { METRIC_CPU_PER_EVENT, METRIC_DRAIN_RATE, METRIC_RSS,
					      METRIC_STORED_RATE, METRIC_STORE_LAG };
_Static_assert(ARRAY_SIZE(that_matter) <= MODEL_TUNING_RATIOS_MAX, "a row has room for all");

static struct model_section *section_of(const struct model *m, const struct setting *st)
{
	for (size_t i = 0; i < m->n_sections; i++)
		if (m->sections[i].type == st->extractor &&
		    !strcmp(m->sections[i].scenario, st->scenario) &&
		    !strcmp(m->sections[i].phase, st->phase))
			return &m->sections[i];
	return NULL;
}

static bool matters(enum metric_id id)
{
	for (size_t i = 0; i < ARRAY_SIZE(that_matter); i++)
		if (that_matter[i] == id)
			return true;
	return false;
}

/* Its ratios, the one that decides first. */
static void fill_value(struct model_tuning_value *v, const struct model *m)
{
	const struct setting *st = v->setting;
	struct model_section *x = section_of(m, st);
	int primary = metric_find(st->primary);

	if (x)
		x->of_tuning = true;
	for (size_t pass = 0; x && pass < 2; pass++)
		for (size_t k = 0; k < x->n_rows; k++) {
			const struct model_row *row = &x->rows[k];
			const struct model_ratio *r =
				model_ratio(row, st->against, st->implementation);

			if (!r || ((int)row->metric == primary) == (pass > 0) ||
			    (pass && !matters(row->metric)))
				continue;
			if (v->n_ratios == MODEL_TUNING_RATIOS_MAX)
				return;
			v->metrics[v->n_ratios] = row->metric;
			v->ratios[v->n_ratios++] = r;
		}
}

/* Above 1: better.  NaN without a ratio. */
static double gain_of(const struct model_tuning_value *v)
{
	double ratio;

	if (!v->n_ratios || !v->ratios[0]->est.n)
		return NAN;
	ratio = v->ratios[0]->est.value;
	return metrics[v->metrics[0]].better == HIGHER_IS_BETTER ? ratio : 1 / ratio;
}

static bool primary_first(const struct model_tuning_value *v)
{
	return v->n_ratios && (int)v->metrics[0] == metric_find(v->setting->primary);
}

static void recommend(struct model_tuning *t)
{
	struct tuning_value *values = mem_calloc(t->n_values, sizeof(*values));
	enum verdict(*others)[MODEL_TUNING_RATIOS_MAX] = mem_calloc(t->n_values, sizeof(*others));
	size_t chosen = 0;

	for (size_t i = 0; i < t->n_values; i++) {
		const struct model_tuning_value *v = &t->values[i];

		values[i].primary = primary_first(v) ? v->ratios[0]->verdict : VERDICT_VOID;
		values[i].gain = gain_of(v);
		values[i].other_work = v->setting->other_work;
		values[i].others = others[i];
		for (size_t k = 1; k < v->n_ratios; k++)
			others[i][values[i].n_others++] = v->ratios[k]->verdict;
	}
	t->advice = tuning_choose(values, t->n_values, &chosen);
	t->chosen = t->advice == TUNING_CHANGE ? &t->values[chosen] : NULL;
	free(others);
	free(values);
}

static bool same_parameter(const struct setting *a, const struct setting *b)
{
	return a->extractor == b->extractor && !strcmp(a->scenario, b->scenario) &&
	       !strcmp(a->base, b->base) && !strcmp(a->parameter, b->parameter);
}

static struct model_tuning *tuning_of(struct model *m, const struct setting *st)
{
	struct model_tuning *t;

	for (size_t i = 0; i < m->n_tunings; i++)
		if (same_parameter(m->tunings[i].first, st))
			return &m->tunings[i];
	m->tunings = mem_realloc(m->tunings, m->n_tunings + 1, sizeof(*m->tunings));
	t = &m->tunings[m->n_tunings++];
	*t = (struct model_tuning){ .first = st };
	return t;
}

void tuning_build_model(struct model *m)
{
	const struct result *r = m->result;

	for (size_t i = 0; i < r->n_settings; i++) {
		struct model_tuning *t = tuning_of(m, &r->settings[i]);
		struct model_tuning_value *v;

		t->values = mem_realloc(t->values, t->n_values + 1, sizeof(*t->values));
		v = &t->values[t->n_values++];
		*v = (struct model_tuning_value){ .setting = &r->settings[i] };
		fill_value(v, m);
	}
	for (size_t i = 0; i < m->n_tunings; i++)
		recommend(&m->tunings[i]);
}

void tuning_release_model(struct model *m)
{
	for (size_t i = 0; i < m->n_tunings; i++)
		free(m->tunings[i].values);
	free(m->tunings);
	m->tunings = NULL;
	m->n_tunings = 0;
}
