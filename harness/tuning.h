/*
 * The scenario `tuning`: each value of a parameter against the default of the same
 * implementation, in interleaved pairs under the same plans.
 *
 * Values become subjects of their own ("c+batch=500"), so that comparisons, A/A and
 * ratios are those of every other scenario; which value belongs to what is in
 * s->result.settings, and the recommendation is the report's (report/tuning.h).
 */
#ifndef HARNESS_TUNING_H
#define HARNESS_TUNING_H

#include "harness/session.h"

/* Runs and settings into s->result, saved after every run.  -EINTR when stopped by a signal. */
int tuning_run(struct session *s, struct err *e) MUST_CHECK;

#endif
