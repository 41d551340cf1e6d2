/*
 * The scenario soak: hours of people's rates, and what becomes of the subjects.
 *
 * spec/measurement.md "soak".  All subjects run at the same time: each
 * implementation of `compare` on a Redis of its own with its three extractors, the
 * same load on all of them, so that a night covers everything and slopes are
 * compared side by side.  The load goes out in segments (soak_times.h) that follow
 * each other without a gap; oracle, tap and points work over their borders.
 *
 * First the buffers are filled to their bound (a buffer that still fills would look
 * like a leak); what follows is the series of soak/<run>.csv.
 * One start of the subjects is a stretch.  A session that was stopped is gone on
 * with by `--resume`: restarted subjects are new runs with a series of their own,
 * and slopes are then common to the stretches, each with its own level.
 */
#ifndef HARNESS_SOAK_H
#define HARNESS_SOAK_H

#include "harness/session.h"

int soak_run(struct session *s, struct err *e) MUST_CHECK;

#endif
