/* Columns of the last events; see ring.h. */
#include "extractors/feature/ring.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "extractors/base/mem.h"

#define FIRST_EVENTS 64

void ring_init(struct ring *r, size_t max, const size_t *width_bytes, size_t n_columns)
{
	BUG_ON(max == 0 || n_columns > RING_COLUMNS_MAX);
	memset(r, 0, sizeof(*r));
	r->max = max;
	r->n_columns = n_columns;
	memcpy(r->width_bytes, width_bytes, n_columns * sizeof(*width_bytes));
}

void ring_release(struct ring *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		free(r->col[i]);
	memset(r, 0, sizeof(*r));
}

/* Only before the first wrap, so that what is there stays where it is. */
void ring_grow(struct ring *r)
{
	size_t cap = r->cap ? r->cap * 2 : FIRST_EVENTS;

	r->cap = cap < r->max ? cap : r->max;
	for (size_t i = 0; i < r->n_columns; i++)
		r->col[i] = mem_realloc(r->col[i], r->cap, r->width_bytes[i]);
}

void ring_runs(const struct ring *r, struct ring_run runs[2])
{
	size_t oldest = ring_full(r) ? r->next : 0;

	runs[0] = (struct ring_run){ oldest, r->len - oldest };
	runs[1] = (struct ring_run){ 0, oldest };
}
