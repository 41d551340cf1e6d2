/* Items as Markdown; see render_items.h.  Nothing is computed here. */
#include "harness/report/render_items.h"

#include "harness/report/titles.h"

void render_items_line(const struct model_items *t, struct buf *out)
{
	if (!t->n_rows)
		return;
	buf_printf(out, "- Integration items: %zu passed, ", t->by_outcome[ITEM_PASS]);
	if (t->by_outcome[ITEM_FAIL])
		buf_printf(out, "**%zu failed**", t->by_outcome[ITEM_FAIL]);
	else
		buf_add_str(out, "0 failed");
	buf_printf(out, ", %zu unavailable.\n", t->by_outcome[ITEM_UNAVAILABLE]);
}

static void table(const struct model_items *t, struct buf *out)
{
	static const char *const words[ITEM_OUTCOMES] = {
		[ITEM_PASS] = "pass",
		[ITEM_FAIL] = "**FAIL**",
		[ITEM_UNAVAILABLE] = "unavailable",
	};

	buf_add_str(out, "\n| item |");
	for (size_t k = 0; k < t->n_columns; k++)
		buf_printf(out, " %s %s |", event_type_names[t->columns[k].type],
			   title_of(t->columns[k].implementation));
	buf_add_str(out, "\n|---|");
	for (size_t k = 0; k < t->n_columns; k++)
		buf_add_str(out, "---|");
	for (size_t i = 0; i < t->n_rows; i++) {
		buf_printf(out, "\n| %s |", t->names[i]);
		for (size_t k = 0; k < t->n_columns; k++)
			buf_printf(out, " %s |",
				   t->cells[i][k] ? words[t->cells[i][k]->outcome]
						  : "not asked of it");
	}
	buf_add_char(out, '\n');
}

/* Every item of that outcome with its value, its subject and the run that shows it. */
static void list(const struct model_items *t, enum item_outcome outcome, const char *title,
		 struct buf *out)
{
	if (!t->by_outcome[outcome])
		return;
	buf_printf(out, "\n%s:\n\n", title);
	for (size_t i = 0; i < t->n_rows; i++)
		for (size_t k = 0; k < t->n_columns; k++) {
			const struct item_result *r = t->cells[i][k];

			if (r && r->outcome == outcome)
				buf_printf(out, "- %s, %s %s: %s%s%s%s\n", t->names[i],
					   event_type_names[r->extractor],
					   title_of(r->implementation), r->value,
					   r->run[0] ? " (run `" : "", r->run,
					   r->run[0] ? "`)" : "");
		}
}

void render_items(const struct model_items *t, struct buf *out)
{
	if (!t->n_rows)
		return;
	buf_add_str(out, "\n## Integration: the contract, item by item\n");
	table(t, out);
	list(t, ITEM_FAIL, "Failed, with the offending value", out);
	list(t, ITEM_UNAVAILABLE, "Unavailable", out);
	if (t->left_out)
		buf_printf(out, "\n%zu items have no room in this table.\n", t->left_out);
	buf_add_str(out, "\nWhat each item checks:\n\n");
	for (size_t i = 0; i < t->n_rows; i++)
		buf_printf(out, "- *%s*: %s.\n", t->names[i], t->whats[i]);
}
