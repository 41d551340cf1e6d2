/*
 * In which order the runs of a session are made.
 *
 * Source: spec/measurement.md, rule 5.  The two runs of a pair are neighbours;
 * two pairs make an ABBA or BAAB block (drawn by lot), in which a linear drift
 * of the host cancels; blocks of all comparisons are shuffled within each round,
 * so that no comparison has a part of the night to itself.  Pure.
 */
#ifndef HARNESS_SCHEDULE_H
#define HARNESS_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/rng.h"

struct schedule_entry {
	int comparison;
	int pair;  /* within the comparison, from 0 */
	char side; /* 'a' or 'b' */
};

struct schedule {
	struct schedule_entry *entries;
	size_t n;
};

/* pairs[i]: how many of comparison i. */
void schedule_build(struct schedule *s, int comparisons, const int *pairs, struct rng *rng);
void schedule_release(struct schedule *s);

/* Order v[n] by lot (Fisher and Yates). */
void schedule_shuffle(int *v, size_t n, struct rng *rng);

#endif
