/* The table of names; see intern.h.  Chains, because entries come and go all the time. */
#include "extractors/feature/intern.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/feature/hash.h"

#define FIRST_NAMES 16
/*
 * Chains for each entry.  Four: with the 60 keys of a keyboard a lookup meets a
 * stranger in one of ten, so what it costs hardly depends on the key of the hash.
 */
#define HEADS_PER_ENTRY 4

void intern_init(struct intern *in, size_t name_max)
{
	BUG_ON(name_max > UINT16_MAX);
	memset(in, 0, sizeof(*in));
	in->name_max = name_max;
	in->stride_bytes = (sizeof(struct intern_entry) + name_max + 3) & ~(size_t)3;
	in->first_free = INTERN_NONE;
	in->key = hash_key(in);
}

void intern_release(struct intern *in)
{
	free(in->entries);
	free(in->heads);
	memset(in, 0, sizeof(*in));
}

static uint32_t *head_of(const struct intern *in, uint32_t hash)
{
	return &in->heads[hash & (in->n_heads - 1)];
}

/* Twice the entries and chains, and every name in its new chain. */
static void grow(struct intern *in)
{
	in->cap = in->cap ? in->cap * 2 : FIRST_NAMES;
	in->entries = mem_realloc(in->entries, in->cap, in->stride_bytes);
	in->n_heads = in->cap * HEADS_PER_ENTRY;
	in->heads = mem_realloc(in->heads, in->n_heads, sizeof(*in->heads));
	memset(in->heads, 0xff, in->n_heads * sizeof(*in->heads)); /* INTERN_NONE */
	for (uint32_t id = 0; id < in->slots; id++) {
		struct intern_entry *e = intern_entry(in, id);
		uint32_t *head = head_of(in, e->hash);

		e->next = *head;
		*head = id;
	}
}

/* A slot that nobody uses; the table grows only when every slot is in use. */
static uint32_t take_slot(struct intern *in)
{
	uint32_t id = in->first_free;

	if (id != INTERN_NONE) {
		in->first_free = intern_entry(in, id)->next;
		return id;
	}
	if (in->slots == in->cap)
		grow(in);
	return in->slots++;
}

static uint32_t find(const struct intern *in, struct span name, uint32_t hash)
{
	if (!in->n_heads)
		return INTERN_NONE;
	for (uint32_t id = *head_of(in, hash); id != INTERN_NONE;) {
		const struct intern_entry *e = intern_entry(in, id);

		if (e->hash == hash && e->len == name.len && !memcmp(e->name, name.p, name.len))
			return id;
		id = e->next;
	}
	return INTERN_NONE;
}

static uint32_t add(struct intern *in, struct span name, uint32_t hash)
{
	uint32_t id = take_slot(in);
	struct intern_entry *e = intern_entry(in, id);
	uint32_t *head = head_of(in, hash);

	*e = (struct intern_entry){
		.next = *head, .refs = 1, .hash = hash, .len = (uint16_t)name.len
	};
	memcpy(e->name, name.p, name.len);
	*head = id;
	in->used++;
	return id;
}

uint32_t intern_find(const struct intern *in, struct span name)
{
	return find(in, name, (uint32_t)hash_text(name.p, name.len, in->key));
}

uint32_t intern_get(struct intern *in, struct span name, bool *fresh)
{
	uint32_t hash = (uint32_t)hash_text(name.p, name.len, in->key);
	uint32_t id = find(in, name, hash);

	*fresh = id == INTERN_NONE;
	if (!*fresh) {
		intern_entry(in, id)->refs++;
		return id;
	}
	BUG_ON(name.len > in->name_max);
	return add(in, name, hash);
}

void intern_put(struct intern *in, uint32_t id)
{
	struct intern_entry *e = intern_entry(in, id);
	uint32_t *link;

	BUG_ON(e->refs == 0);
	if (--e->refs)
		return;
	link = head_of(in, e->hash);
	while (*link != id)
		link = &intern_entry(in, *link)->next;
	*link = e->next;
	e->next = in->first_free;
	in->first_free = id;
	in->used--;
}
