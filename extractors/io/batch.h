/*
 * Points that travel together: one request, one spool record.
 *
 * The queue is first in, first out; new points go to its last batch until that
 * is full.  Bounding it is the caller's business: `bytes` says how much text it holds.
 * Ownership: the queue owns its batches, batch_queue_pop() hands one over,
 * batch_free() ends it.
 */
#ifndef IO_BATCH_H
#define IO_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/buf.h"

struct batch {
	struct buf text;  /* line protocol, every line ends with '\n' */
	uint64_t points;  /* lines in it; one at least while it is queued */
	int64_t first_ns; /* monotonic, when the first point came; set by the caller */
	struct batch *next;
};

struct batch_queue {
	struct batch *first, *last;
	size_t n;     /* batches */
	size_t bytes; /* of text */
	uint64_t points;
};

struct batch *batch_new(void);
void batch_free(struct batch *b);

/*
 * Append one point to the last batch, or to a new one when that has reached a
 * bound.  Returns the batch it went to.
 */
struct batch *batch_queue_add(struct batch_queue *q, const char *line, size_t len,
			      uint64_t max_points, size_t max_bytes);
/* The oldest batch, or NULL. */
struct batch *batch_queue_pop(struct batch_queue *q);

#endif
