/* The list of received feature messages; see feature_list.h. */
#include "harness/loadgen/feature_list.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

#define BLOCK_BYTES ((size_t)1 << 20)

struct feature_block {
	struct feature_block *next;
	size_t len, cap;
	char data[];
};

static char *room(struct feature_list *l, size_t len)
{
	struct feature_block *b = l->blocks;

	if (!b || b->cap - b->len < len) {
		size_t cap = len > BLOCK_BYTES ? len : BLOCK_BYTES;

		b = mem_calloc(1, sizeof(*b) + cap);
		b->cap = cap;
		b->next = l->blocks;
		l->blocks = b;
	}
	b->len += len;
	return b->data + b->len - len;
}

bool feature_list_add(struct feature_list *l, const struct tap_feature *f)
{
	char *copy;

	if (l->n >= l->max_n || f->payload.len > l->max_bytes - l->bytes)
		return false;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->list = mem_realloc(l->list, l->cap, sizeof(*l->list));
	}
	copy = room(l, f->payload.len);
	memcpy(copy, f->payload.p, f->payload.len);
	l->bytes += f->payload.len;
	l->list[l->n] = *f;
	l->list[l->n++].payload.p = copy;
	return true;
}

void feature_list_release(struct feature_list *l)
{
	while (l->blocks) {
		struct feature_block *b = l->blocks;

		l->blocks = b->next;
		free(b);
	}
	free(l->list);
	*l = (struct feature_list){ .max_n = l->max_n, .max_bytes = l->max_bytes };
}
