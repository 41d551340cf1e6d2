/*
 * Batches that the database refused for good, kept for a human.
 *
 * DIR/rejected/PROGRAM.lp is line protocol: each batch under a comment with time,
 * reason and number of points, so that what was mended can be sent by hand.
 * Bounded: at half of max_bytes the file becomes PROGRAM.lp.old, replacing the one
 * before.  Opened for each batch, since there should be none.
 */
#ifndef IO_REJECTED_H
#define IO_REJECTED_H

#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"

struct rejected_file {
	const char *dir, *program; /* SPOOL_DIR; it must exist */
	int64_t max_bytes;	   /* of both files together */
};

/* Append whole lines, as many as half of max_bytes holds; `reason` is one line. */
int rejected_append(const struct rejected_file *r, const char *reason, uint64_t points,
		    const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
