/* Counting pairs of keys; see digraphs.h. */
#include "extractors/feature/digraphs.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/feature/hash.h"

#define FIRST_PAIRS    128
#define SLOTS_PER_PAIR 4 /* at most a quarter full: a probe or two, whatever the key of the hash */
#define TEXT_MAX       (2 * KEY_NAME_MAX + 1)

void digraphs_release(struct digraphs *d)
{
	free(d->pairs);
	free(d->by_keys);
	free(d->by_text);
	memset(d, 0, sizeof(*d));
}

static void clear_slots(struct digraphs *d)
{
	memset(d->by_keys, 0, d->n_slots * sizeof(*d->by_keys));
	memset(d->by_text, 0, d->n_slots * sizeof(*d->by_text));
	d->n_texts = 0;
}

void digraphs_reset(struct digraphs *d)
{
	d->n = 0;
	if (d->n_texts)
		clear_slots(d);
	else if (d->n_slots)
		memset(d->by_keys, 0, d->n_slots * sizeof(*d->by_keys));
}

static size_t text_of(const struct intern *keys, const struct pair *p, char text[TEXT_MAX])
{
	struct span a = intern_name(keys, p->key1), b = intern_name(keys, p->key2);

	memcpy(text, a.p, a.len);
	text[a.len] = '_';
	memcpy(text + a.len + 1, b.p, b.len);
	return a.len + 1 + b.len;
}

static uint32_t *slot_by_keys(const struct digraphs *d, uint32_t key1, uint32_t key2)
{
	uint32_t mask = d->n_slots - 1;
	uint32_t i = (uint32_t)hash_u64((uint64_t)key1 << 32 | key2, d->key) & mask;

	for (; d->by_keys[i]; i = (i + 1) & mask) {
		const struct pair *p = &d->pairs[d->by_keys[i] - 1];

		if (p->key1 == key1 && p->key2 == key2)
			break;
	}
	return &d->by_keys[i];
}

/* The slot of the pair's text: empty, or the number of the pair that had it first. */
static uint32_t *slot_by_text(const struct digraphs *d, const struct intern *keys,
			      const struct pair *p)
{
	char text[TEXT_MAX], other[TEXT_MAX];
	size_t len = text_of(keys, p, text);
	uint32_t mask = d->n_slots - 1;
	uint32_t i = (uint32_t)hash_text(text, len, d->key) & mask;

	for (; d->by_text[i]; i = (i + 1) & mask)
		if (text_of(keys, &d->pairs[d->by_text[i] - 1], other) == len &&
		    !memcmp(text, other, len))
			break;
	return &d->by_text[i];
}

static bool text_matters(const struct intern *keys, const struct pair *p)
{
	return (intern_entry(keys, p->key1)->flags | intern_entry(keys, p->key2)->flags) &
	       KEY_HAS_UNDERSCORE;
}

/* Pair number i into the tables; it counts itself unless its text is there already. */
static void enter(struct digraphs *d, const struct intern *keys, uint32_t i)
{
	struct pair *p = &d->pairs[i];
	uint32_t *slot;

	*slot_by_keys(d, p->key1, p->key2) = i + 1;
	p->digraph = i;
	if (!text_matters(keys, p))
		return;
	slot = slot_by_text(d, keys, p);
	if (*slot) {
		p->digraph = *slot - 1;
	} else {
		*slot = i + 1;
		d->n_texts++;
	}
}

static void grow(struct digraphs *d, const struct intern *keys)
{
	d->key = hash_key(d);
	d->cap = d->cap ? d->cap * 2 : FIRST_PAIRS;
	d->n_slots = d->cap * SLOTS_PER_PAIR;
	d->pairs = mem_realloc(d->pairs, d->cap, sizeof(*d->pairs));
	d->by_keys = mem_realloc(d->by_keys, d->n_slots, sizeof(*d->by_keys));
	d->by_text = mem_realloc(d->by_text, d->n_slots, sizeof(*d->by_text));
	clear_slots(d);
	for (uint32_t i = 0; i < d->n; i++)
		enter(d, keys, i);
}

static struct pair *add_pair(struct digraphs *d, const struct intern *keys, uint32_t key1,
			     uint32_t key2)
{
	if (d->n == d->cap)
		grow(d, keys);
	d->pairs[d->n] = (struct pair){ .key1 = key1, .key2 = key2 };
	enter(d, keys, d->n);
	return &d->pairs[d->n++];
}

void digraphs_add(struct digraphs *d, const struct intern *keys, uint32_t key1, uint32_t key2,
		  double ms)
{
	uint32_t number = d->n_slots ? *slot_by_keys(d, key1, key2) : 0;
	struct pair *p = number ? &d->pairs[number - 1] : add_pair(d, keys, key1, key2);

	p = &d->pairs[p->digraph];
	p->count++;
	p->sum_ms += ms;
}

void digraphs_rank(const struct digraphs *d, double mean_ms[DIGRAPHS_RANKED])
{
	const struct pair *top[DIGRAPHS_RANKED];
	size_t n = 0;

	for (uint32_t i = 0; i < d->n; i++) {
		const struct pair *p = &d->pairs[i];
		size_t at;

		if (p->digraph != i || (n == DIGRAPHS_RANKED && p->count <= top[n - 1]->count))
			continue;
		n += n < DIGRAPHS_RANKED;
		at = n - 1;
		for (; at && top[at - 1]->count < p->count; at--) /* a tie stays behind */
			top[at] = top[at - 1];
		top[at] = p;
	}
	for (size_t i = 0; i < DIGRAPHS_RANKED; i++)
		mean_ms[i] = i < n ? top[i]->sum_ms / top[i]->count : 0;
}
