/* Open addressing with linear probing, at most half full; see names.h. */
#include "harness/oracle/names.h"

#include <stdlib.h>

#include "extractors/base/mem.h"

#define FIRST_SLOTS 64

void names_release(struct names *t)
{
	for (size_t i = 0; i < t->n; i++)
		free((char *)t->list[i].p);
	free(t->list);
	free(t->slots);
	*t = (struct names){ 0 };
}

/* FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv/). */
static uint64_t hash(const unsigned char *p, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return h;
}

/* The slot that holds the string, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *t, const void *p, size_t len)
{
	size_t i = hash(p, len) & (t->n_slots - 1);

	for (; t->slots[i]; i = (i + 1) & (t->n_slots - 1)) {
		const struct span *s = &t->list[t->slots[i] - 1];

		if (s->len == len && !memcmp(s->p, p, len))
			break;
	}
	return &t->slots[i];
}

static void grow(struct names *t)
{
	free(t->slots);
	t->n_slots = t->n_slots ? t->n_slots * 2 : FIRST_SLOTS;
	t->slots = mem_calloc(t->n_slots, sizeof(*t->slots));
	for (size_t i = 0; i < t->n; i++)
		*slot_of(t, t->list[i].p, t->list[i].len) = (uint32_t)i + 1;
}

size_t names_id(struct names *t, const void *p, size_t len)
{
	uint32_t *slot;

	if (2 * (t->n + 1) > t->n_slots)
		grow(t);
	slot = slot_of(t, p, len);
	if (*slot)
		return *slot - 1;
	BUG_ON(t->n == UINT32_MAX - 1);
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : FIRST_SLOTS;
		t->list = mem_realloc(t->list, t->cap, sizeof(*t->list));
	}
	t->list[t->n] = (struct span){ mem_strndup(p, len), len };
	*slot = (uint32_t)++t->n;
	return t->n - 1;
}
