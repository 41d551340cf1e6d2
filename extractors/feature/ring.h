/*
 * The last `max` events in order of arrival, as columns.
 *
 * Columns and not structs: the search for the window reads the times alone, and
 * no padding is stored.  The columns grow by doubling with the events that
 * come and never beyond max; from then on each push overwrites the oldest.
 * Ownership: the caller's struct, ring_init() / ring_release().
 */
#ifndef FEATURE_RING_H
#define FEATURE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_COLUMNS_MAX 4

struct ring {
	void *col[RING_COLUMNS_MAX]; /* arrays of the widths given; moved by ring_push() */
	size_t width_bytes[RING_COLUMNS_MAX];
	size_t n_columns, max, cap, len;
	size_t next; /* where the next event goes; when full, where the oldest is */
	uint64_t evicted;
};

/* A stretch of positions in order of arrival. */
struct ring_run {
	size_t from, len;
};

void ring_init(struct ring *r, size_t max, const size_t *width_bytes, size_t n_columns);
void ring_release(struct ring *r);
void ring_grow(struct ring *r);
/* The events, oldest first: always two runs, of which one or both may be empty. */
void ring_runs(const struct ring *r, struct ring_run runs[2]);

/* The next push evicts what stands at r->next: let go of it first. */
static inline bool ring_full(const struct ring *r)
{
	return r->len == r->max;
}

/* Make room for one event; returns its position, of which every column is to be written. */
static inline size_t ring_push(struct ring *r)
{
	size_t at = r->next;

	if (ring_full(r)) {
		r->evicted++;
	} else {
		if (r->len == r->cap)
			ring_grow(r);
		r->len++;
	}
	r->next = at + 1 == r->max ? 0 : at + 1;
	return at;
}

#endif
