/*
 * The load of a duet, and when to look at the subjects under it.
 *
 *   warm-up | pause | half of the load, the other half, an update interval, the sentinel | pause
 *                ^ from             ^ middle                                                   ^ end
 *
 * The warm-up brings out first features and their way into the database, so that what is
 * loaded once (libcurl, Python modules) is not charged to the events that count; the
 * sentinel, one event, brings out the features of everything before it (drain.h).  Both samples
 * stand in pauses: no event is half done then, on either side.
 * Pure.
 */
#ifndef HARNESS_DUET_PLAN_H
#define HARNESS_DUET_PLAN_H

#include "harness/loadgen/plan.h"

/* What a scenario says; the load's events are `lane`'s, in its mix, arrival and rate. */
struct duet_load {
	struct plan_lane lane;	  /* without start, length and count */
	double seconds;		  /* of the load */
	double update_interval_s; /* of the subjects */
	double settle_s; /* a pause: for the last features and their way into the database */
};

struct duet_times {
	double load_from_s, sentinel_s; /* when the load begins, and its last event */
	double from_s, end_s;		/* the samples */
	double middle_s;		/* of the load */
};

struct duet_times duet_times(const struct duet_load *load);
int duet_plan_build(const struct duet_load *load, enum event_type type, uint64_t seed,
		    struct plan **out, struct err *e) MUST_CHECK;

#endif
