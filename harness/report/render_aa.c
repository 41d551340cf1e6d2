/* The table of aa; see render_aa.h.  Nothing is computed here but scaling. */
#include "harness/report/render_aa.h"

#include <math.h>

#include "harness/report/render_words.h"
#include "harness/report/titles.h"

/* "2 of 25 (8.0 % [1.0, 26.0])" */
static void share_cell(struct doc *d, const struct model_share *x)
{
	double frac = x->n ? (double)x->k / (double)x->n : NAN;

	if (!x->n)
		doc_number_cell(d, frac, "unavailable: fewer than %d pairs of an extractor",
				2 * MODEL_AA_BLOCK);
	else
		doc_number_cell(d, frac, "%zu of %zu (%.1f %% [%.1f, %.1f])", x->k, x->n,
				100 * frac, 100 * x->low, 100 * x->high);
}

static void floor_cell(struct doc *d, const struct model_aa *x)
{
	if (x->est.n < 2)
		doc_number_cell(d, NAN, "unavailable: no two undisturbed, valid pairs");
	else
		doc_number_cell(d, x->floor_frac, "±%.2f %% (%.4g %% by %s)", 100 * x->floor_frac,
				100 * x->est.level, stats_method_names[x->est.method]);
}

static void row(struct doc *d, const struct model_aa *x)
{
	doc_row(d);
	doc_text_cell(d, "%s", x->phase);
	doc_text_cell(d, "%s", title_of(x->implementation));
	doc_text_cell(d, "%s", metrics[x->metric].title);
	doc_number_cell(d, (double)x->est.n, "%zu", x->est.n);
	floor_cell(d, x);
	share_cell(d, &x->verdicts);
	share_cell(d, &x->intervals);
}

static void row_of_all(struct doc *d, const struct model *m)
{
	doc_row(d);
	doc_text_cell(d, "all");
	doc_cell(d);
	doc_cell(d);
	render_no_number_cell(d);
	render_no_number_cell(d);
	share_cell(d, &m->aa_verdicts);
	share_cell(d, &m->aa_intervals);
}

void render_aa(const struct model *m, struct doc *d)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "phase");
	doc_column(d, DOC_TEXT, "of");
	doc_column(d, DOC_TEXT, "metric");
	doc_column(d, DOC_NUMBER, "pairs");
	doc_column(d, DOC_NUMBER, "noise floor");
	doc_column(d, DOC_NUMBER, "false differences by verdict");
	doc_column(d, DOC_NUMBER, "intervals that do not hold 1");
	for (size_t i = 0; i < m->n_aas; i++)
		row(d, &m->aas[i]);
	row_of_all(d, m);
	doc_paragraph(d);
	doc_text(
		d,
		"The noise floor is the larger bound of the ratio of a subject to itself over all its "
		"pairs. False differences: pairs in blocks of %d, each judged as a comparison, the next "
		"block being its A/A; nominal for intervals alone is %.0f %%. Shares with their exact "
		"binomial %.0f %% interval; metrics of one block are not independent of each other.",
		MODEL_AA_BLOCK, 100 * (1 - MODEL_LEVEL), 100 * MODEL_LEVEL);
}
