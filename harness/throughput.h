/*
 * The scenario `throughput`: drains in interleaved pairs, then searches for the
 * highest sustained rate (spec/measurement.md, "Scenarios").
 */
#ifndef HARNESS_THROUGHPUT_H
#define HARNESS_THROUGHPUT_H

#include "harness/pairs.h"

/* A drain; aa and tuning make them, too. */
extern const struct pairs_phase throughput_drain_phase;

/* What an extractor is sent: events in the scenario's mix for it; rate and length are to be set. */
struct plan_lane throughput_lane(const struct session *s, enum event_type type);

/* Runs into s->result, saved after every run.  -EINTR when stopped by a signal. */
int throughput_run(struct session *s, struct err *e) MUST_CHECK;

#endif
