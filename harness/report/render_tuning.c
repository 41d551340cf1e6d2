/* Tuning as Markdown; see render_tuning.h.  Nothing is computed here. */
#include "harness/report/render_tuning.h"

#include "harness/report/titles.h"
#include "harness/report/tuning_rule.h"

static void add_ratio(const struct model_ratio *r, struct buf *out)
{
	if (!r->est.n) {
		buf_printf(out, "unavailable: %s", r->why ? r->why : verdict_names[r->verdict]);
		return;
	}
	buf_printf(out, "%.3f", r->est.value);
	if (r->est.n > 1)
		buf_printf(out, " [%.3f, %.3f]", r->est.low, r->est.high);
	buf_printf(out, " (n %zu, %s", r->est.n, verdict_names[r->verdict]);
	if (r->verdict == VERDICT_TOO_FEW && r->why)
		buf_printf(out, ": %s", r->why);
	buf_add_char(out, ')');
}

static void advice(const struct model_tuning *t, struct buf *out)
{
	const struct setting *st = t->first;

	if (!t->chosen) {
		buf_printf(out, "%s (%s)", tuning_advice_words[t->advice], st->reference);
		return;
	}
	buf_printf(out, "**%s** instead of %s: %s ", t->chosen->setting->value, st->reference,
		   metrics[t->chosen->metrics[0]].title);
	add_ratio(t->chosen->ratios[0], out);
}

static void name(const struct model_tuning *t, struct buf *out)
{
	buf_printf(out, "%s, %s %s", t->first->parameter, event_type_names[t->first->extractor],
		   title_of(t->first->base));
}

void render_tuning_lines(const struct model *m, struct buf *out)
{
	for (size_t i = 0; i < m->n_tunings; i++) {
		buf_add_str(out, "- Tuning, ");
		name(&m->tunings[i], out);
		buf_add_str(out, ": ");
		advice(&m->tunings[i], out);
		buf_add_str(out, ".\n");
	}
}

static void value_lines(const struct model_tuning *t, struct buf *out)
{
	for (size_t i = 0; i < t->n_values; i++) {
		const struct model_tuning_value *v = &t->values[i];

		for (size_t k = 0; k < v->n_ratios; k++) {
			buf_add_str(out, "| ");
			name(t, out);
			buf_printf(out, " | %s / %s | %s%s | ", v->setting->value,
				   v->setting->reference, metrics[v->metrics[k]].title,
				   k ? "" : " (decides)");
			add_ratio(v->ratios[k], out);
			buf_add_str(out, " |\n");
		}
		if (v->n_ratios)
			continue;
		buf_add_str(out, "| ");
		name(t, out);
		buf_printf(out, " | %s / %s | – | unavailable: %s |\n", v->setting->value,
			   v->setting->reference,
			   v->setting->why[0] ? v->setting->why : "no run of it was made");
	}
}

void render_tuning(const struct model *m, struct buf *out)
{
	if (!m->n_tunings)
		return;
	buf_add_str(
		out,
		"\n## Tuning: recommended settings\n\n"
		"The rule: the default, unless a value is better on the metric that decides, beyond "
		"the A/A noise, and on no other of these metrics worse, void or undecided; less work is no better "
		"setting.\n\n"
		"| parameter | recommendation | what it means |\n|---|---|---|\n");
	for (size_t i = 0; i < m->n_tunings; i++) {
		buf_add_str(out, "| ");
		name(&m->tunings[i], out);
		buf_add_str(out, " | ");
		advice(&m->tunings[i], out);
		buf_printf(out, " | %s |\n", m->tunings[i].first->note);
	}
	buf_add_str(out,
		    "\n| parameter | value / default | ratio of | value [interval] (n, verdict) |\n"
		    "|---|---|---|---|\n");
	for (size_t i = 0; i < m->n_tunings; i++)
		value_lines(&m->tunings[i], out);
}
