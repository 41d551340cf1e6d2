/* Tuning; see render_tuning.h.  Nothing is computed here. */
#include "harness/report/render_tuning.h"

#include <math.h>

#include "harness/report/titles.h"
#include "harness/report/tuning_rule.h"

static void add_ratio(struct doc *d, const struct model_ratio *r)
{
	if (!r->est.n) {
		doc_text(d, "unavailable: %s", r->why ? r->why : verdict_names[r->verdict]);
		return;
	}
	doc_text(d, "%.3f", r->est.value);
	if (r->est.n > 1)
		doc_text(d, " [%.3f, %.3f]", r->est.low, r->est.high);
	doc_text(d, " (n %zu, %s", r->est.n, verdict_names[r->verdict]);
	if (r->verdict == VERDICT_TOO_FEW && r->why)
		doc_text(d, ": %s", r->why);
	doc_text(d, ")");
}

static void advice(struct doc *d, const struct model_tuning *t)
{
	const struct setting *st = t->first;

	if (!t->chosen) {
		doc_text(d, "%s (%s)", tuning_advice_words[t->advice], st->reference);
		return;
	}
	doc_strong(d, "%s", t->chosen->setting->value);
	doc_text(d, " instead of %s: %s ", st->reference, metrics[t->chosen->metrics[0]].title);
	add_ratio(d, t->chosen->ratios[0]);
}

static void name(struct doc *d, const struct model_tuning *t)
{
	doc_text(d, "%s, %s %s", t->first->parameter, event_type_names[t->first->extractor],
		 title_of(t->first->base));
}

void render_tuning_lines(const struct model *m, struct doc *d)
{
	for (size_t i = 0; i < m->n_tunings; i++) {
		doc_item(d);
		doc_text(d, "Tuning, ");
		name(d, &m->tunings[i]);
		doc_text(d, ": ");
		advice(d, &m->tunings[i]);
		doc_text(d, ".");
	}
}

static void begin_value_row(struct doc *d, const struct model_tuning *t,
			    const struct model_tuning_value *v)
{
	doc_row(d);
	doc_cell(d);
	name(d, t);
	doc_text_cell(d, "%s / %s", v->setting->value, v->setting->reference);
}

static void value_rows(struct doc *d, const struct model_tuning *t)
{
	for (size_t i = 0; i < t->n_values; i++) {
		const struct model_tuning_value *v = &t->values[i];

		for (size_t k = 0; k < v->n_ratios; k++) {
			begin_value_row(d, t, v);
			doc_text_cell(d, "%s%s", metrics[v->metrics[k]].title,
				      k ? "" : " (decides)");
			doc_cell(d);
			doc_sort_key(d, v->ratios[k]->est.n ? v->ratios[k]->est.value : NAN);
			add_ratio(d, v->ratios[k]);
		}
		if (v->n_ratios)
			continue;
		begin_value_row(d, t, v);
		doc_text_cell(d, "–");
		doc_number_cell(d, NAN, "unavailable: %s",
				v->setting->why[0] ? v->setting->why : "no run of it was made");
	}
}

static void recommendations(struct doc *d, const struct model *m)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "parameter");
	doc_column(d, DOC_TEXT, "recommendation");
	doc_column(d, DOC_TEXT, "what it means");
	for (size_t i = 0; i < m->n_tunings; i++) {
		doc_row(d);
		doc_cell(d);
		name(d, &m->tunings[i]);
		doc_cell(d);
		advice(d, &m->tunings[i]);
		doc_text_cell(d, "%s", m->tunings[i].first->note);
	}
}

void render_tuning(const struct model *m, struct doc *d)
{
	doc_paragraph(d);
	doc_text(
		d,
		"The rule: the default, unless a value is better on the metric that decides, beyond "
		"the A/A noise, and on no other of these metrics worse, void or undecided; less "
		"work is no better setting.");
	recommendations(d, m);
	doc_table(d);
	doc_column(d, DOC_TEXT, "parameter");
	doc_column(d, DOC_TEXT, "value / default");
	doc_column(d, DOC_TEXT, "ratio of");
	doc_column(d, DOC_NUMBER, "value [interval] (n, verdict)");
	for (size_t i = 0; i < m->n_tunings; i++)
		value_rows(d, &m->tunings[i]);
}
