/*
 * Times by pair of keys: which pairs came most often, and their means.
 *
 * A digraph is its text `<key1>_<key2>`, not its pair: ("a", "b_c") and ("a_b", "c")
 * are one (spec/features.md, quirks).  Two pairs can only meet in a text when
 * one of the keys holds a `_`, so only such pairs are ever compared as texts.
 * Ownership: the caller's zeroed struct, digraphs_release() frees what it grew.
 */
#ifndef FEATURE_DIGRAPHS_H
#define FEATURE_DIGRAPHS_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/feature/intern.h"

#define DIGRAPHS_RANKED 20
#define KEY_NAME_MAX	100

enum { KEY_HAS_UNDERSCORE = 1, KEY_CORRECTS = 2 }; /* flags of the keys' entries */

struct pair {
	uint32_t key1, key2;
	uint32_t digraph; /* the first pair of this text, which does the counting */
	uint32_t count;
	double sum_ms;
};

struct digraphs {
	struct pair *pairs; /* in the order first kept */
	uint32_t n, cap;
	uint32_t *by_keys, *by_text; /* open addressing; a pair's number + 1, 0 is empty */
	uint32_t n_slots;	     /* of each; a power of two */
	uint32_t n_texts;	     /* slots of by_text in use */
	uint64_t key;		     /* of the hashes */
};

void digraphs_release(struct digraphs *d);
void digraphs_reset(struct digraphs *d);
/* One kept press-to-press time. */
void digraphs_add(struct digraphs *d, const struct intern *keys, uint32_t key1, uint32_t key2,
		  double ms);
/* Most counted first, ties by first kept; 0 beyond the last. */
void digraphs_rank(const struct digraphs *d, double mean_ms[DIGRAPHS_RANKED]);

#endif
