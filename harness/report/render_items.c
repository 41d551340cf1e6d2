/* Integration items; see render_items.h.  Nothing is computed here. */
#include "harness/report/render_items.h"

#include "harness/report/titles.h"

void render_items_line(const struct model_items *t, struct doc *d)
{
	if (!t->n_rows)
		return;
	doc_item(d);
	doc_text(d, "Integration items: %zu passed, ", t->by_outcome[ITEM_PASS]);
	if (t->by_outcome[ITEM_FAIL])
		doc_badge(d, DOC_BAD, "%zu failed", t->by_outcome[ITEM_FAIL]);
	else
		doc_text(d, "0 failed");
	doc_text(d, ", %zu unavailable.", t->by_outcome[ITEM_UNAVAILABLE]);
}

static void outcome_cell(struct doc *d, const struct item_result *r)
{
	static const struct {
		enum doc_mark mark;
		const char *word;
	} outcomes[ITEM_OUTCOMES] = {
		[ITEM_PASS] = { DOC_GOOD, "pass" },
		[ITEM_FAIL] = { DOC_BAD, "FAIL" },
		[ITEM_UNAVAILABLE] = { DOC_NEUTRAL, "unavailable" },
	};

	doc_cell(d);
	if (r)
		doc_badge(d, outcomes[r->outcome].mark, "%s", outcomes[r->outcome].word);
	else
		doc_text(d, "not asked of it");
}

static void table(struct doc *d, const struct model_items *t)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "item");
	for (size_t k = 0; k < t->n_columns; k++)
		doc_column(d, DOC_TEXT, "%s %s", event_type_names[t->columns[k].type],
			   title_of(t->columns[k].implementation));
	for (size_t i = 0; i < t->n_rows; i++) {
		doc_row(d);
		doc_text_cell(d, "%s", t->names[i]);
		for (size_t k = 0; k < t->n_columns; k++)
			outcome_cell(d, t->cells[i][k]);
	}
}

static void list_item(struct doc *d, const char *name, const struct item_result *r)
{
	doc_item(d);
	doc_text(d, "%s, %s %s: %s", name, event_type_names[r->extractor],
		 title_of(r->implementation), r->value);
	if (r->run[0]) {
		doc_text(d, " (run ");
		doc_code(d, "%s", r->run);
		doc_text(d, ")");
	}
}

/* Every item of that outcome with its value, its subject and the run that shows it. */
static void list(struct doc *d, const struct model_items *t, enum item_outcome outcome,
		 const char *title)
{
	if (!t->by_outcome[outcome])
		return;
	doc_paragraph(d);
	doc_text(d, "%s:", title);
	for (size_t i = 0; i < t->n_rows; i++)
		for (size_t k = 0; k < t->n_columns; k++)
			if (t->cells[i][k] && t->cells[i][k]->outcome == outcome)
				list_item(d, t->names[i], t->cells[i][k]);
}

void render_items(const struct model *m, struct doc *d)
{
	const struct model_items *t = &m->items;

	table(d, t);
	list(d, t, ITEM_FAIL, "Failed, with the offending value");
	list(d, t, ITEM_UNAVAILABLE, "Unavailable");
	if (t->left_out) {
		doc_paragraph(d);
		doc_text(d, "%zu items have no room in this table.", t->left_out);
	}
	doc_fold_part(d, "What each item checks");
	for (size_t i = 0; i < t->n_rows; i++) {
		doc_item(d);
		doc_emphasis(d, "%s", t->names[i]);
		doc_text(d, ": %s.", t->whats[i]);
	}
	doc_unfold(d);
}
