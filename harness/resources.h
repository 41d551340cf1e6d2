/*
 * The scenarios `memory` and `cpu`: what a subject takes when idle, when its buffers
 * are full and when a person works (spec/measurement.md, "Scenarios").
 */
#ifndef HARNESS_RESOURCES_H
#define HARNESS_RESOURCES_H

#include "harness/session.h"

#define RESOURCES_FLOOD_HZ 1000.0 /* of cpu, all types in a person's mix */

/* Both run into s->result, saved after every run.  -EINTR when stopped by a signal. */
int memory_run(struct session *s, struct err *e) MUST_CHECK;
int cpu_run(struct session *s, struct err *e) MUST_CHECK;

#endif
