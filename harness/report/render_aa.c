/* The table of aa; see render_aa.h.  Nothing is computed here but scaling. */
#include "harness/report/render_aa.h"

/* "2 of 25 (8.0 % [1.0, 26.0])" */
static void share(struct buf *out, const struct model_share *x)
{
	if (!x->n)
		buf_printf(out, " unavailable: fewer than %d pairs of an extractor |",
			   2 * MODEL_AA_BLOCK);
	else
		buf_printf(out, " %zu of %zu (%.1f %% [%.1f, %.1f]) |", x->k, x->n,
			   100 * (double)x->k / (double)x->n, 100 * x->low, 100 * x->high);
}

static void floor_words(struct buf *out, const struct model_aa *x)
{
	if (x->est.n < 2)
		buf_add_str(out, " unavailable: no two undisturbed, valid pairs |");
	else
		buf_printf(out, " ±%.2f %% (%.4g %% by %s) |", 100 * x->floor_frac,
			   100 * x->est.level, stats_method_names[x->est.method]);
}

static void line(struct buf *out, const struct model_aa *x)
{
	buf_printf(out, "| %s | %s | %s | %zu |", x->phase, x->implementation,
		   metrics[x->metric].title, x->est.n);
	floor_words(out, x);
	share(out, &x->verdicts);
	share(out, &x->intervals);
	buf_add_char(out, '\n');
}

void render_aa_md(const struct model *m, struct buf *out)
{
	if (!m->n_aas)
		return;
	buf_add_str(out,
		    "\n## aa: the harness against itself\n\n"
		    "| phase | of | metric | pairs | noise floor | false differences by verdict | "
		    "intervals that do not hold 1 |\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < m->n_aas; i++)
		line(out, &m->aas[i]);
	buf_add_str(out, "| all | | | | |");
	share(out, &m->aa_verdicts);
	share(out, &m->aa_intervals);
	buf_printf(
		out,
		"\n\nThe noise floor is the larger bound of the ratio of a subject to itself over all its "
		"pairs. False differences: pairs in blocks of %d, each judged as a comparison, the next "
		"block being its A/A; nominal for intervals alone is %.0f %%. Shares with their exact "
		"binomial %.0f %% interval; metrics of one block are not independent of each other.\n",
		MODEL_AA_BLOCK, 100 * (1 - MODEL_LEVEL), 100 * MODEL_LEVEL);
}
