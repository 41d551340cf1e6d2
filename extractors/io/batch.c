/* A list of batches; see batch.h. */
#include "extractors/io/batch.h"

#include <stdlib.h>

#include "extractors/base/mem.h"

struct batch *batch_new(void)
{
	return mem_calloc(1, sizeof(struct batch));
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	buf_release(&b->text);
	free(b);
}

static struct batch *append_new(struct batch_queue *q)
{
	struct batch *b = batch_new();

	if (q->last)
		q->last->next = b;
	else
		q->first = b;
	q->last = b;
	q->n++;
	return b;
}

struct batch *batch_queue_add(struct batch_queue *q, const char *line, size_t len,
			      uint64_t max_points, size_t max_bytes)
{
	struct batch *b = q->last;

	if (!b || b->points >= max_points || b->text.len >= max_bytes)
		b = append_new(q);
	buf_add(&b->text, line, len);
	b->points++;
	q->points++;
	q->bytes += len;
	return b;
}

struct batch *batch_queue_pop(struct batch_queue *q)
{
	struct batch *b = q->first;

	if (!b)
		return NULL;
	q->first = b->next;
	if (!q->first)
		q->last = NULL;
	b->next = NULL;
	q->n--;
	q->bytes -= b->text.len;
	q->points -= b->points;
	return b;
}
