/*
 * One lane of a plan: a source of events with its own start, length and arrival.
 *
 * The source is the human model (any mix of types) or a recording, looped to the
 * wanted length.  lane_next() gives the events in order of their due times.
 * Pure.  Ownership: lane_open()/lane_close(); a recording is borrowed and must
 * outlive every event that came from it.
 */
#ifndef LOADGEN_LANE_H
#define LOADGEN_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/wire/event.h"
#include "harness/loadgen/arrival.h"
#include "harness/loadgen/replay.h"

/* Zero means "not given" throughout. */
struct plan_lane {
	const struct recording *recording; /* NULL: the human model */
	/*
	 * Shares of the types, in any unit (15, 60, 0.04 events/s …); zero leaves a
	 * type out.  Of a recording only zero or not counts, and all zero is all types.
	 */
	double weight[EVENT_TYPES];
	/*
	 * All types together.  Not given: the human pace, times `speed` (ARRIVAL_HUMAN
	 * only).  With ARRIVAL_HUMAN each type's times are stretched evenly so that
	 * the whole has this mean rate.
	 */
	double rate_hz;
	double speed;	     /* not given: 1 */
	int64_t start_ns;    /* from the start of the run */
	int64_t duration_ns; /* one of the two is needed; */
	size_t count;	     /* with both, whichever ends first */
	enum arrival_kind arrival;
	int64_t burst;	       /* ARRIVAL_BURSTS: events at once */
	int64_t on_ns, off_ns; /* ARRIVAL_ONOFF */
	bool app_cycle; /* model: every app event another app in turn, so that each is a transition */
	int apps;	/* model: how many, 2 ... SYNTH_APPS_MAX */
	double mouse_interval_ms; /* model: of the mouse's reports */
};

struct lane;
/* -EINVAL when the definition makes no sense, with the member's name. */
int lane_open(struct lane **out, const struct plan_lane *def, uint64_t seed, unsigned int number,
	      struct err *e) MUST_CHECK;
void lane_close(struct lane *l);
/* False at the end.  ev->ts_us is not set; *due_ns counts from the start of the run. */
bool lane_next(struct lane *l, struct event *ev, int64_t *due_ns);
/* How many events at most; 0: only the duration bounds it. */
size_t lane_count(const struct lane *l);

#endif
