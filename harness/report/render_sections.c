/*
 * The tables of the scenarios; see render_sections.h.
 *
 * In one row of a section's first table stands what most readers want of a metric: each
 * implementation's value, the ratio looked for first, its verdict.  All ratios with how
 * they were come by are folded below it.
 */
#include "harness/report/render_sections.h"

#include <math.h>
#include <string.h>

#include "harness/report/paired.h"
#include "harness/report/render_opinions.h"
#include "harness/report/render_words.h"
#include "harness/report/titles.h"

/* ---- values ------------------------------------------------------------------------ */

static void value_cell(struct doc *d, const struct model_cell *c, const struct metric_info *mi)
{
	doc_cell(d);
	doc_sort_key(d, c->est.n ? c->est.value * mi->scale : NAN);
	if (!c->est.n) {
		doc_text(d, "unavailable: %s", c->why);
		return;
	}
	doc_text(d, "%s", c->n_bounds ? "≥ " : "");
	render_estimate(d, &c->est, mi->scale, mi->decimals);
	doc_text(d, " (n %zu", c->est.n);
	if (c->est.n >= 2 && c->est.level < MODEL_LEVEL)
		doc_text(d, ", %.3g %%", 100 * c->est.level);
	if (c->n_bounds)
		doc_text(d, ", %zu only lower bound%s", c->n_bounds, plural(c->n_bounds));
	doc_text(d, ")");
}

/* "Intervals: 95 % where no level is given, by range, percentile bootstrap." */
static void methods_line(struct doc *d, const struct model_section *x)
{
	bool used[STATS_METHODS] = { false }, any = false;

	for (size_t k = 0; k < x->n_rows; k++)
		for (size_t i = 0; i < x->rows[k].n_cells; i++)
			if (x->rows[k].cells[i].est.n >= 2)
				used[x->rows[k].cells[i].est.method] = true;
	for (int i = 0; i < STATS_METHODS; i++) {
		if (!used[i])
			continue;
		if (!any) {
			doc_paragraph(d);
			doc_text(d, "Medians; intervals at %.3g %% where no level is given, by ",
				 100 * MODEL_LEVEL);
		}
		doc_text(d, "%s%s", any ? ", " : "", stats_method_names[i]);
		any = true;
	}
	if (any)
		doc_text(d, ".");
}

/* Is there a better and a worse, and does a ratio say which? */
static bool has_verdict(const struct model_row *row, const struct model_ratio *r)
{
	return metrics[row->metric].better != NEITHER_IS_BETTER &&
	       !(model_is_aa(r) && row->metric == METRIC_SUSTAINED_RATE);
}

/* The interval of a ratio has a level of its own; it stands with all ratios, below. */
static void main_ratio_cells(struct doc *d, const struct model_row *row,
			     const struct model_ratio *r)
{
	if (!has_verdict(row, r)) {
		doc_number_cell(d, NAN, "–");
		doc_text_cell(d, "–");
		return;
	}
	doc_cell(d);
	doc_sort_key(d, r->est.n ? r->est.value : NAN);
	render_ratio(d, r);
	if (r->est.n)
		doc_text(d, " (n %zu)", r->est.n);
	doc_cell(d);
	render_verdict(d, r);
}

static void values_table(struct doc *d, const struct model_section *x)
{
	int shown = model_main_ratio(x);

	doc_table(d);
	doc_column(d, DOC_TEXT, "metric");
	doc_column(d, DOC_TEXT, "unit");
	for (size_t i = 0; i < x->n_implementations; i++)
		doc_column(d, DOC_NUMBER, "%s", title_of(x->implementations[i]));
	if (shown >= 0) {
		const struct model_ratio *r = &x->rows[0].ratios[shown];

		doc_column(d, DOC_NUMBER, "%s / %s", title_of(r->b), title_of(r->a));
		doc_column(d, DOC_TEXT, "verdict");
	}
	for (size_t k = 0; k < x->n_rows; k++) {
		const struct model_row *row = &x->rows[k];

		doc_row(d);
		doc_text_cell(d, "%s", metrics[row->metric].title);
		doc_text_cell(d, "%s", metrics[row->metric].unit);
		for (size_t i = 0; i < row->n_cells; i++)
			value_cell(d, &row->cells[i], &metrics[row->metric]);
		if (shown >= 0)
			main_ratio_cells(d, row, &row->ratios[shown]);
	}
	methods_line(d, x);
}

/* ---- ratios ------------------------------------------------------------------------ */

/* "0.970 … 1.040 (n 8, 99 %)" */
static void noise_range(struct doc *d, const struct estimate *e)
{
	if (e->n < 2)
		doc_text(d, "not measured (n %zu)", e->n);
	else
		doc_text(d, "%.3f … %.3f (n %zu, %.3g %%)", e->low, e->high, e->n, 100 * e->level);
}

static void ratio_row(struct doc *d, const struct model_ratio *r, const struct metric_info *mi)
{
	doc_row(d);
	doc_text_cell(d, "%s / %s", title_of(r->b), title_of(r->a));
	doc_text_cell(d, "%s", mi->title);
	doc_cell(d);
	doc_sort_key(d, r->est.n ? r->est.value : NAN);
	render_ratio(d, r);
	doc_cell(d);
	render_method(d, &r->est);
	doc_cell(d);
	noise_range(d, &r->noise);
	doc_cell(d);
	render_verdict(d, r);
	if (r->with_disturbed.n != r->est.n) {
		doc_text(d, "; with disturbed pairs ");
		render_estimate(d, &r->with_disturbed, 1,
				render_ratio_decimals(r->with_disturbed.value));
		doc_text(d, " (n = %zu)", r->with_disturbed.n);
	}
}

static void ratios_table(struct doc *d, const struct model_section *x)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "ratio");
	doc_column(d, DOC_TEXT, "of");
	doc_column(d, DOC_NUMBER, "value [interval]");
	doc_column(d, DOC_TEXT, "n, method");
	doc_column(d, DOC_TEXT, "A/A (n, level)");
	doc_column(d, DOC_TEXT, "verdict");
	for (size_t k = 0; k < x->n_rows; k++)
		for (size_t i = 0; i < x->rows[k].n_ratios; i++)
			if (has_verdict(&x->rows[k], &x->rows[k].ratios[i]))
				ratio_row(d, &x->rows[k].ratios[i], &metrics[x->rows[k].metric]);
}

/* "Pairs made: C / Python 12 of 40 (decided), C / floor 40 of 40, 2 more discarded (undecided)." */
static void pairs_line(struct doc *d, const struct result *r, const struct model_section *x)
{
	const struct model_row *row = &x->rows[0];

	doc_paragraph(d);
	for (size_t i = 0; i < row->n_ratios; i++) {
		const struct model_ratio *ratio = &row->ratios[i];
		const struct comparison *c = ratio->comparison;
		int number = (int)(c - r->comparisons);
		size_t discarded = paired_discarded(r, number);

		doc_text(d, "%s%s / %s %zu of %d", i ? ", " : "Pairs made: ", title_of(ratio->b),
			 title_of(ratio->a), paired_made(r, number) - discarded, c->pairs_planned);
		if (discarded)
			doc_text(d, ", %zu more discarded", discarded);
		if (!model_is_aa(ratio) || c->end == COMPARISON_OUT_OF_BUDGET ||
		    c->end == COMPARISON_STOPPED)
			doc_text(d, " (%s)", comparison_end_names[c->end]);
	}
	doc_text(d, ".");
}

/* "What as many pairs show in 95 % of sessions, by the A/A: drained 4.1 %, CPU per event 2.2 %." */
static void power_line(struct doc *d, const struct model_section *x)
{
	bool any = false;

	for (size_t k = 0; k < x->n_rows; k++)
		for (size_t i = 0; i < x->rows[k].n_ratios; i++) {
			const struct model_ratio *r = &x->rows[k].ratios[i];

			if (model_is_aa(r) || isnan(r->smallest))
				continue;
			if (!any) {
				doc_paragraph(d);
				doc_text(d,
					 "Smallest difference that these pairs show in %.0f %% of "
					 "sessions, by the spread of A/A: ",
					 100 * MODEL_POWER);
			}
			doc_text(d, "%s%s (%s / %s) %.1f %%", any ? ", " : "",
				 metrics[x->rows[k].metric].title, title_of(r->b), title_of(r->a),
				 100 * (r->smallest - 1));
			any = true;
		}
	if (any)
		doc_text(d, ".");
}

/* ---- the whole ---------------------------------------------------------------------- */

static void section(struct doc *d, const struct model *m, const struct model_section *x)
{
	doc_heading(d, 3, "%s, %s: %s", x->scenario, x->phase, event_type_names[x->type]);
	if (!x->n_rows) {
		doc_paragraph(d);
		doc_text(d, "unavailable: no run has a figure of this phase.");
		return;
	}
	values_table(d, x);
	doc_fold_part(d, "All ratios, with n, method and A/A");
	ratios_table(d, x);
	pairs_line(d, m->result, x);
	power_line(d, x);
	doc_unfold(d);
}

bool render_begins_scenario(const struct model *m, size_t i)
{
	return !i || strcmp(m->sections[i - 1].scenario, m->sections[i].scenario);
}

void render_sections(const struct report_parts *parts, struct doc *d)
{
	const struct model *m = parts->model;

	for (size_t i = 0; i < m->n_sections; i++) {
		const char *scenario = m->sections[i].scenario;

		if (render_begins_scenario(m, i))
			doc_heading(d, 2, "%s", scenario);
		section(d, m, &m->sections[i]);
		if (i + 1 < m->n_sections && !render_begins_scenario(m, i + 1))
			continue;
		render_opinions(m, scenario, d);
		pictures_show(parts->pictures, PICTURE_OF_SCENARIO, scenario, d);
	}
}
