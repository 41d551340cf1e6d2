/*
 * Second opinions: what another tool measures of the subjects of a session.
 *
 * hyperfine times each of them with --exit-when-ready against the session's Redis,
 * on the subject's core, as often as the scenario's hyperfine_runs says.
 */
#ifndef HARNESS_OPINIONS_H
#define HARNESS_OPINIONS_H

#include "harness/session.h"

/*
 * A row of s->result.opinions for each subject of the scenario that runs; what could
 * not be measured has the reason.  -EINTR when stopped by a signal.
 */
int opinions_run(struct session *s, struct err *e) MUST_CHECK;

#endif
