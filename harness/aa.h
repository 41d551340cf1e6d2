/*
 * The scenario aa: the harness against itself.
 *
 * spec/measurement.md "aa".  Every comparison of `compare` is of a subject with
 * itself; many pairs of start-ups, which are cheap, and some of drains.  The report
 * makes of them a noise floor for each metric, and counts how often the rule of the
 * verdicts would have seen a difference where there is none.
 */
#ifndef HARNESS_AA_H
#define HARNESS_AA_H

#include "harness/session.h"

/* Runs into s->result, saved after every run.  -EINVAL when `compare` names two different ones. */
int aa_run(struct session *s, struct err *e) MUST_CHECK;

#endif
