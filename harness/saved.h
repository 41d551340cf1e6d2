/*
 * A session that was measured before: its raw values and what a report makes of them.
 *
 * Ownership: the caller's storage (large: from the heap); saved_open() fills it and
 * saved_close() frees what it holds, after a failure too.
 */
#ifndef HARNESS_SAVED_H
#define HARNESS_SAVED_H

#include "extractors/base/buf.h"
#include "harness/report/model.h"

struct saved {
	struct buf dir; /* its folder */
	struct result result;
	struct model model;
};

/* Append the folder's path, which holds a `/`: as saved_open() finds it, nothing is opened. */
int saved_find(struct buf *dir, const char *out, const char *id, struct err *e) MUST_CHECK;
/*
 * `id`: a session's, or "latest"; a path with a `/` is a session's folder itself.
 * `out`: where sessions are; NULL: reports/out of this project.
 */
int saved_open(struct saved *s, const char *out, const char *id, struct err *e) MUST_CHECK;
void saved_close(struct saved *s);

#endif
