/*
 * When events are due: from their human time, or by a process of its own.
 *
 * Open loop: the times depend on nothing that happens in the run.  Computed from
 * the event's number wherever possible, so that no rounding adds up.
 * Units: ns from the lane's start.  Pure; state in the caller's struct.
 */
#ifndef LOADGEN_ARRIVAL_H
#define LOADGEN_ARRIVAL_H

#include <stdint.h>

#include "extractors/base/rng.h"

enum arrival_kind {
	ARRIVAL_HUMAN,	  /* the person's own times, possibly scaled */
	ARRIVAL_CONSTANT, /* event k at k / rate */
	ARRIVAL_POISSON,  /* exponential gaps of mean 1 / rate */
	ARRIVAL_BURSTS,	  /* `burst` events at once every burst / rate */
	ARRIVAL_ONOFF, /* evenly while on, nothing while off; the rate is that of both together */
	ARRIVAL_KINDS
};
extern const char *const arrival_names[ARRIVAL_KINDS + 1]; /* NULL-terminated, for option tables */

struct arrival {
	enum arrival_kind kind;
	double rate_hz;	       /* of all but HUMAN, > 0 */
	int64_t burst;	       /* events, >= 1 */
	int64_t on_ns, off_ns; /* of ONOFF, > 0 and >= 0 */
	struct rng rng;
	uint64_t number; /* of the next event */
	double poisson_ns;
};

/* Due time of the next event, whose human time is given. */
int64_t arrival_next_ns(struct arrival *a, int64_t human_ns);

#endif
