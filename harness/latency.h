/*
 * The scenario `latency`: from a trigger to its features.
 *
 * A phase for each fill of the buffer and each load (latency_plan.h), in pairs.
 * In a run the buffer is filled, then each trigger waits for its answer; the next
 * one is sent at its intended time, or, where the answer came late, as soon as an
 * attempt at features is due again.  So one message answers each trigger, and what
 * a slow answer does to those after it shows in the response time, which counts
 * from the intended time, and not in the service time, which counts from the sending.
 * At the end each subject has one traced run on the side, which is not scored and
 * says where the time goes (latency_split.h).
 */
#ifndef HARNESS_LATENCY_H
#define HARNESS_LATENCY_H

#include "harness/loadgen/plan.h"
#include "harness/session.h"

int latency_run(struct session *s, struct err *e) MUST_CHECK;
/*
 * One run of the current scenario and size, whose phase is run->phase and whose plan is
 * latency_plan_build()'s: what the pairs are made of, for who wants no pairs.
 */
int latency_once(struct session *s, const struct subject *subject, struct plan *plan,
		 struct run *run, struct err *e) MUST_CHECK;

#endif
