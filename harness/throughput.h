/*
 * The scenario `throughput`: drains in interleaved pairs, then searches for the
 * highest sustained rate (spec/measurement.md, "Scenarios").
 */
#ifndef HARNESS_THROUGHPUT_H
#define HARNESS_THROUGHPUT_H

#include "harness/pairs.h"

extern const struct pairs_phase throughput_drain_phase;
#include "harness/loadgen/plan.h"
#include "harness/session.h"

/* Runs into s->result, saved after every run.  -EINTR when stopped by a signal. */
int throughput_run(struct session *s, struct err *e) MUST_CHECK;

/* The plan of a drain (drain.h) with size->drain_events; tuning drains, too. */
int throughput_drain_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
			  struct err *e) MUST_CHECK;

#endif
