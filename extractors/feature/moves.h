/*
 * The series behind move_0 ... move_19: speed, acceleration, jerk, turning.
 *
 * Source: spec/features.md "Mouse".  Moves are handed over in blocks that stay
 * in the first-level cache; only the speeds are kept whole, for their median.
 *
 *	moves_start(m, at_most);
 *	... m->t[m->fill], m->x[m->fill], m->y[m->fill]; when fill is MOVES_BLOCK: moves_flush(m)
 *	moves_finish(m, window_s, out);
 *
 * Ownership: the caller's zeroed struct, moves_release() frees what it grew.
 */
#ifndef FEATURE_MOVES_H
#define FEATURE_MOVES_H

#include <stddef.h>

#include "extractors/feature/moments.h"
#include "extractors/feature/select.h"

#define MOVES_BLOCK    256
#define MOVES_PAD      2 /* vector loops read and write this far beyond */
#define MOVES_FEATURES 20

struct moves {
	size_t n;    /* flushed so far */
	size_t fill; /* moves in the block, the `carried` of the one before in front */
	size_t carried;
	double t[MOVES_BLOCK + MOVES_PAD], x[MOVES_BLOCK + MOVES_PAD], y[MOVES_BLOCK + MOVES_PAD];
	double first_x, first_y, path_px;
	size_t long_steps; /* dt > 0.1 s */
	struct moments speed, accel, jerk, turn, dt;
	struct scratch speeds; /* px/s, one a step, unfiltered */
	struct select select;
};

void moves_release(struct moves *m);
/* Begin anew, with at most so many moves to come. */
void moves_start(struct moves *m, size_t at_most);
void moves_flush(struct moves *m);
/* All zeros when there were not more than two moves. */
void moves_finish(struct moves *m, double window_s, double out[MOVES_FEATURES]);

#endif
