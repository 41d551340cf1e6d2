/*
 * What runs now, how far, how long still: one line on stderr.
 *
 * On a terminal the line is rewritten in place; elsewhere a plain line is
 * written for each step.  One a process; not for several threads.
 */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "extractors/base/compiler.h"

struct progress {
	bool terminal, quiet;
	int64_t started_ns;
	double done, total; /* in the caller's units of cost, e.g. expected seconds */
};

void progress_start(struct progress *p, bool quiet);
/* A step begins; `cost` of it is added to `done` when the next begins. */
void progress_step(struct progress *p, const char *fmt, ...) PRINTF(2, 3);
void progress_add(struct progress *p, double cost);
/* A message that stays: the line is cleared first. */
void progress_note(struct progress *p, const char *fmt, ...) PRINTF(2, 3);
void progress_end(struct progress *p);

#endif
