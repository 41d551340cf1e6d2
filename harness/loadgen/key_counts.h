/*
 * Which keys people press, and which follows which: counts from recordings.
 *
 * Constant tables; names are literals.  How they were made: key_counts.c.
 */
#ifndef LOADGEN_KEY_COUNTS_H
#define LOADGEN_KEY_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

enum { KEY_BACKSPACE = 7, KEY_SHIFT_LEFT = 11, KEYS = 70 }; /* places in key_counts */

struct key_count {
	const char *name;
	uint32_t presses;
};
extern const struct key_count key_counts[KEYS]; /* most first */

struct digraph_count {
	uint8_t first, second; /* places in key_counts */
	uint16_t times;
};
extern const struct digraph_count digraph_counts[]; /* sorted by first */
extern const size_t n_digraph_counts;

#endif
