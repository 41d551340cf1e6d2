/*
 * The highest rate that a subject keeps up with: one open-loop trial, and the search.
 *
 * spec/measurement.md, "throughput" (b).  A rate is held when the subject is never
 * further than the limit behind the plan for as long as the scenario says, and the
 * ledger closes.  Behind the plan: now minus the intended time of the last event
 * that the subject's counter holds, so a late generator or a slow Redis counts too.
 */
#ifndef HARNESS_SUSTAIN_H
#define HARNESS_SUSTAIN_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

/* One trial at the plan's rate.  Fills *run and, of *trial, lag, hold, held and why. */
int sustain_trial(struct session *s, const struct subject *subject, struct plan *plan,
		  struct run *run, struct trial *trial, struct err *e) MUST_CHECK;

/*
 * Which rate to try next, given what was held and what was not (0: nothing yet)
 * and a first guess: up or down by a fifth until both are known, then halfway
 * on the log scale.
 */
double sustain_next_rate(double held, double not_held, double guess);

#endif
