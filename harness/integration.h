/*
 * The scenario `integration`: does a subject keep the contract, item by item?
 *
 * Each subject is visited a few times (evidence.h says how the visits differ) and
 * judged by the table in items.c; what comes out are items, not metrics.
 */
#ifndef HARNESS_INTEGRATION_H
#define HARNESS_INTEGRATION_H

#include "harness/session.h"

/* Runs and items into s->result, saved after every subject.  -EINTR when stopped by a signal. */
int integration_run(struct session *s, struct err *e) MUST_CHECK;

#endif
