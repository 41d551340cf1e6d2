/*
 * Byte strings to small numbers: 0, 1, 2 ... in the order of their first sight.
 *
 * Used wherever the page says "by key", "by button", "per pair", and for its
 * ties "by which came first".  A hash table; one insertion or look-up is O(1).
 * Ownership: strings are copied and stay where they are until names_release().
 */
#ifndef ORACLE_NAMES_H
#define ORACLE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/wire/event.h"

struct names {
	struct span *list; /* by number */
	size_t n, cap;
	uint32_t *slots; /* number + 1, 0 is free; a power of two of them */
	size_t n_slots;
};

void names_release(struct names *t);
/* The number of a string, a new one when it was not seen before. */
size_t names_id(struct names *t, const void *p, size_t len);

#endif
