/*
 * Other builds of the C extractors, by the Makefile, in trees of their own
 * (build/tune-NAME), which stay for the next session.  The default is among them: all
 * that are compared are made of the same sources, today's.
 *
 * Threads: the session's, whose loop hears Ctrl-C meanwhile.
 */
#ifndef HARNESS_TUNING_BUILD_H
#define HARNESS_TUNING_BUILD_H

#include "harness/session.h"

#define TUNING_BUILD_DEFAULT "O2" /* as the release variant */

/* Is there a build of that name?  *known lists them for an error. */
bool tuning_build_known(const char *name, const char **known);

/*
 * Make it; `bin` is where its programs are.  0; -EINTR; others with the reason in *e:
 * no compiler, no make, a folder that may not be written.
 */
int tuning_build(struct session *s, const char *name, struct buf *bin, struct err *e) MUST_CHECK;

#endif
