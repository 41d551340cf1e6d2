/*
 * The scenario `startup`: exec, READY=1, first correct feature message, with a
 * warm and with a cold page cache (spec/measurement.md, "Scenarios").
 */
#ifndef HARNESS_STARTUP_H
#define HARNESS_STARTUP_H

#include "harness/pairs.h"

extern const struct pairs_phase startup_warm_phase;

/* Runs into s->result, saved after every run.  -EINTR when stopped by a signal. */
int startup_run(struct session *s, struct err *e) MUST_CHECK;

#endif
