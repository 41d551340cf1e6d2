/*
 * Names to small numbers, for as long as somebody refers to them.
 *
 * Each stored event holds one reference to its name, so the buffer bounds the
 * table whatever names arrive; a number whose last reference went is used again.
 * A name already in the table costs a hash, a comparison and no allocation.
 * The hash is keyed by the address of the table: a sender who does not know it
 * cannot prepare names that collide.  Nothing that is put out depends on the hash.
 * Ownership: the caller's struct, intern_init() / intern_release().  Memory is
 * what the most names at one time took.
 */
#ifndef FEATURE_INTERN_H
#define FEATURE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/wire/event.h"

#define INTERN_NONE UINT32_MAX

struct intern_entry {
	uint32_t next; /* in the chain of its hash, or of the free ones */
	uint32_t refs; /* 0: free */
	uint32_t hash;
	uint16_t len;
	uint16_t flags; /* the owner's, 0 at first */
	char name[];
};

struct intern {
	unsigned char *entries; /* `slots` of `stride_bytes` each, `cap` allocated */
	size_t stride_bytes;
	uint32_t slots, cap, used, first_free;
	uint32_t *heads; /* chains; a power of two of them */
	uint32_t n_heads;
	uint64_t key;
	size_t name_max;
};

/* Names of at most name_max (< 65536) bytes. */
void intern_init(struct intern *in, size_t name_max);
void intern_release(struct intern *in);

/* The number of the name, now with one reference more; *fresh: it was not there before. */
uint32_t intern_get(struct intern *in, struct span name, bool *fresh);
/* Likewise, but INTERN_NONE when it is not there, and no reference taken. */
uint32_t intern_find(const struct intern *in, struct span name);
void intern_put(struct intern *in, uint32_t id);

static inline struct intern_entry *intern_entry(const struct intern *in, uint32_t id)
{
	return (struct intern_entry *)(void *)(in->entries + id * in->stride_bytes);
}

/* One reference more to a number that has one. */
static inline void intern_ref(struct intern *in, uint32_t id)
{
	intern_entry(in, id)->refs++;
}

/* The text, valid until the next intern_get(). */
static inline struct span intern_name(const struct intern *in, uint32_t id)
{
	const struct intern_entry *e = intern_entry(in, id);

	return (struct span){ e->name, e->len };
}

#endif
