/*
 * The phase `instructions` of the scenario cpu: instructions per event of each subject.
 *
 * A count is not paired in time and not disturbed by load: each implementation that
 * the scenario compares is counted INSTRUCTIONS_REPEATS times, one that takes longer
 * than INSTRUCTIONS_SLOW_NS for one count only once (Python: some 30 s).
 */
#ifndef HARNESS_INSTRUCTIONS_PHASE_H
#define HARNESS_INSTRUCTIONS_PHASE_H

#include "harness/session.h"

#define INSTRUCTIONS_REPEATS 3
#define INSTRUCTIONS_SLOW_NS (10 * NS_PER_S)
#define INSTRUCTIONS_PHASE   "instructions"

/*
 * Runs into s->result; without valgrind a fact that says so.  -EINTR when stopped by
 * a signal.
 */
int instructions_phase_run(struct session *s, struct err *e) MUST_CHECK;

#endif
