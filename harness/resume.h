/*
 * A session that is gone on with: what it measured before, and whether it is the same.
 *
 * Same means: the harness' build, the profile and the subjects as they were on
 * record then; a figure from two different programs would be of neither.  Other
 * facts that changed (load, kernel, versions) are kept beside the old ones.
 */
#ifndef HARNESS_RESUME_H
#define HARNESS_RESUME_H

#include "harness/session.h"

/* s->result holds this start's facts: the earlier results come before them. */
int resume_take_up(struct session *s, const char *dir, struct err *e) MUST_CHECK;

#endif
