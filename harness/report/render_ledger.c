/* Tables of ledgers; see render_ledger.h. */
#include "harness/report/render_ledger.h"

#include <string.h>

#include "harness/report/titles.h"

static void line_cell(struct doc *d, const struct model_line *l, size_t runs)
{
	doc_cell(d);
	if (!l) {
		doc_text(d, "not asked of it");
		return;
	}
	if (l->unavailable == runs) {
		doc_text(d, "unavailable: %s", l->why);
		return;
	}
	if (l->open) {
		doc_badge(d, DOC_BAD, "open in %zu of %zu runs", l->open, runs);
		doc_text(d, ": expected %lld, got %lld", (long long)l->expected, (long long)l->got);
	} else {
		doc_text(d, "%lld closed in %zu of %zu", (long long)l->got, l->closed, runs);
	}
	if (l->unavailable)
		doc_text(d, ", unavailable in %zu: %s", l->unavailable, l->why);
}

static const struct model_line *find_line(const struct model_ledger *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->lines[i].name, name))
			return &l->lines[i];
	return NULL;
}

/* The implementation with the most lines gives their order; the others have some of them. */
static const struct model_ledger *longest(const struct model_section *x)
{
	const struct model_ledger *most = &x->ledgers[0];

	for (size_t i = 1; i < x->n_implementations; i++)
		if (x->ledgers[i].n > most->n)
			most = &x->ledgers[i];
	return most;
}

static void table(struct doc *d, const struct model_section *x)
{
	const struct model_ledger *lines = longest(x);

	doc_table(d);
	doc_column(d, DOC_TEXT, "%s, %s: %s, sums over runs", x->scenario, x->phase,
		   event_type_names[x->type]);
	for (size_t i = 0; i < x->n_implementations; i++)
		doc_column(d, DOC_TEXT, "%s", title_of(x->implementations[i]));
	for (size_t k = 0; k < lines->n; k++) {
		doc_row(d);
		doc_text_cell(d, "%s", lines->lines[k].name);
		for (size_t i = 0; i < x->n_implementations; i++)
			line_cell(d, find_line(&x->ledgers[i], lines->lines[k].name),
				  x->ledgers[i].runs);
	}
}

void render_ledger(const struct model *m, struct doc *d)
{
	doc_paragraph(d);
	doc_text(d, "planned = sent = answered by Redis = seen by the harness' own subscription = "
		    "received by the subject; feature messages and database points expected = "
		    "found. A run in which a line does not close is void.");
	for (size_t i = 0; i < m->n_sections; i++)
		table(d, &m->sections[i]);
}
