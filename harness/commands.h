/*
 * Short starts of a subject: what it says and exits with when its configuration is
 * wrong, or when it is asked for help, version or readiness alone.
 *
 * All are started at once and awaited together; part of scenario `integration`.
 */
#ifndef HARNESS_COMMANDS_H
#define HARNESS_COMMANDS_H

#include "harness/evidence.h"
#include "harness/session.h"

/* `dir`: private, for working directories.  What came of each goes into x->commands. */
int commands_run(struct session *s, const struct subject *subject, const char *dir,
		 struct evidence *x, struct err *e) MUST_CHECK;
/* How many of them ended by themselves or by SIGTERM, as they should. */
int64_t commands_ended(const struct evidence *x);

#endif
