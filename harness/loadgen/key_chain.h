/*
 * Which key comes next: a first-order Markov chain over recorded digraphs, with
 * Backspace in runs of its own.
 *
 * Pure; state in the caller's struct, no allocation.  The chain's long-run key
 * frequencies are those of key_counts, except that Backspace has the share that
 * synth_params.h gives it.
 */
#ifndef LOADGEN_KEY_CHAIN_H
#define LOADGEN_KEY_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/rng.h"
#include "harness/loadgen/key_counts.h"

struct key_chain {
	struct rng *rng;  /* the owner's */
	int key;	  /* the last one that was not Backspace */
	bool in_run;	  /* the last press was a Backspace ... */
	bool run_is_long; /* ... and not the first of its run */
	uint32_t row_from[KEYS +
			  1]; /* digraph_counts[row_from[k] ... row_from[k + 1]) begin with k */
};

void key_chain_init(struct key_chain *c, struct rng *rng);
/* The place in key_counts of the next key. */
int key_chain_next(struct key_chain *c);

#endif
