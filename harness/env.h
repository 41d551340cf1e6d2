/*
 * The host on record: what a figure depends on besides the subject.
 *
 * A table of facts, each with how it is found out; what cannot be found out is
 * `unavailable: <reason>`, never left out.  Asks programs for their versions
 * (Redis, databases, Python, git), so it takes some 0.2 s: once a session, not
 * during a measurement.  Load before and after a run is host_load.h.
 * Threads: one.
 */
#ifndef HARNESS_ENV_H
#define HARNESS_ENV_H

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

struct env_conf {
	const char *root;   /* of the repository: its commit and dirtiness */
	const char *python; /* interpreter of the Python subjects, e.g. /usr/bin/python3 */
};

/* Hand every fact to the callback, in the order of the table; texts live during the call only. */
void env_collect(const struct env_conf *conf,
		 void (*fact)(void *ctx, const char *key, const char *value), void *ctx);

/* One fact of the table, appended to *out; -ENOENT or the finder's error with why there is none. */
int env_find(const struct env_conf *conf, const char *key, struct buf *out,
	     struct err *e) MUST_CHECK;

#endif
