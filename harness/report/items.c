/* Items as a table; see items.h.  Rows and columns stand in the order of the result. */
#include "harness/report/items.h"

#include <string.h>

/* The number of a row, a new one when it was not seen before; the count when there is no room. */
static size_t row_of(struct model_items *t, const struct item_result *item)
{
	size_t i = 0;

	while (i < t->n_rows && strcmp(t->names[i], item->item))
		i++;
	if (i == t->n_rows && i < MODEL_ITEM_ROWS_MAX) {
		t->names[t->n_rows] = item->item;
		t->whats[t->n_rows++] = item->what;
	}
	return i;
}

static size_t column_of(struct model_items *t, const struct item_result *item)
{
	size_t i = 0;

	while (i < t->n_columns && (t->columns[i].type != item->extractor ||
				    strcmp(t->columns[i].implementation, item->implementation)))
		i++;
	if (i == t->n_columns && i < MODEL_ITEM_COLUMNS_MAX)
		t->columns[t->n_columns++] =
			(struct model_item_column){ item->extractor, item->implementation };
	return i;
}

void items_build(struct model_items *t, const struct result *r)
{
	for (size_t i = 0; i < r->n_items; i++) {
		const struct item_result *item = &r->items[i];
		size_t row = row_of(t, item), column = column_of(t, item);

		t->by_outcome[item->outcome]++;
		if (row == MODEL_ITEM_ROWS_MAX || column == MODEL_ITEM_COLUMNS_MAX)
			t->left_out++;
		else
			t->cells[row][column] = item;
	}
}
