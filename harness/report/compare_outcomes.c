/* Items and leaks of two sessions; see compare_outcomes.h. */
#include "harness/report/compare_outcomes.h"

#include <string.h>

#include "extractors/base/mem.h"

static void add(struct compare *c, const struct compare_outcome *outcome)
{
	c->compared_outcomes++;
	if (!strcmp(outcome->sides[COMPARE_A], outcome->sides[COMPARE_B]))
		return;
	c->outcomes = mem_realloc(c->outcomes, c->n_outcomes + 1, sizeof(*c->outcomes));
	c->outcomes[c->n_outcomes++] = *outcome;
}

static const struct item_result *item_of(const struct model_items *items, const char *name,
					 const struct model_item_column *column)
{
	for (size_t row = 0; row < items->n_rows; row++)
		for (size_t i = 0; i < items->n_columns; i++)
			if (items->columns[i].type == column->type &&
			    !strcmp(items->columns[i].implementation, column->implementation) &&
			    !strcmp(items->names[row], name))
				return items->cells[row][i];
	return NULL;
}

static void compare_items(struct compare *c)
{
	const struct model_items *items = &c->models[COMPARE_A]->items;

	for (size_t row = 0; row < items->n_rows; row++)
		for (size_t i = 0; i < items->n_columns; i++) {
			const struct item_result *a = items->cells[row][i];
			const struct item_result *b =
				item_of(&c->models[COMPARE_B]->items, items->names[row],
					&items->columns[i]);

			if (a && b)
				add(c, &(struct compare_outcome){
					       .what = items->names[row],
					       .type = items->columns[i].type,
					       .implementation = items->columns[i].implementation,
					       .sides = { item_outcome_names[a->outcome],
							  item_outcome_names[b->outcome] },
					       .worse = b->outcome == ITEM_FAIL &&
							a->outcome != ITEM_FAIL,
				       });
		}
}

static void compare_leaks(struct compare *c)
{
	const struct model *a = c->models[COMPARE_A], *b = c->models[COMPARE_B];

	for (size_t i = 0; i < a->n_soaks; i++)
		for (size_t k = 0; k < b->n_soaks; k++) {
			const struct model_soak *x = &a->soaks[i], *y = &b->soaks[k];

			if (x->type != y->type || strcmp(x->implementation, y->implementation))
				continue;
			add(c, &(struct compare_outcome){
				       .what = "leaks, by a soak",
				       .type = x->type,
				       .implementation = x->implementation,
				       .sides = { model_leak_names[x->slopes.leak],
						  model_leak_names[y->slopes.leak] },
				       .worse = y->slopes.leak == MODEL_LEAK_YES &&
						x->slopes.leak != MODEL_LEAK_YES,
			       });
		}
}

void compare_outcomes_build(struct compare *c)
{
	compare_items(c);
	compare_leaks(c);
}
