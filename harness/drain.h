/*
 * A drain: a fixed plan as fast as bounded outstanding data allows.
 *
 * spec/measurement.md, "throughput" (a), in three parts of one plan:
 * - the warm-up, a few events and an update interval later one more, brings out
 *   a first feature message and its way into the database, so that what is loaded
 *   once (libcurl, Python modules) is not charged to the events that follow;
 * - the bulk: the clock runs from its first send until the subject's own counter
 *   holds all of it;
 * - the sentinel, one event, is sent an update interval later, so that it must bring
 *   out the features of everything before it: they prove that the work was done.
 * The time from the sentinel's sending to its features counts too, and so does all
 * CPU time from the end of the warm-up on: work put off is not work saved.  The
 * rate of a subject that cannot be asked is unavailable.
 */
#ifndef HARNESS_DRAIN_H
#define HARNESS_DRAIN_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

#define DRAIN_WARM_EVENTS 120 /* enough for features of any extractor */

/* `plan` is the three parts.  Fills *run but its place in the schedule.  Not 0: the harness itself could not go on. */
int drain_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	      struct err *e) MUST_CHECK;

#endif
