/*
 * A subject over hours: one row each few seconds, as CSV that grows.
 *
 * One file a run (stretch), `soak/<run>.csv` in the session's folder: a line that
 * says what it is, the names of the columns, then a row a sample.  A row is
 * appended whole and at once, so that a kill loses the row being taken at most;
 * an incomplete last line is left out when reading.  What could not be measured is
 * an empty field (NaN here).
 * Pure.  Ownership: zeroed is empty, series_release() frees.
 */
#ifndef HARNESS_SERIES_H
#define HARNESS_SERIES_H

#include <stdint.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define SERIES_ROWS_MAX 1000000 /* a year at half a minute */

struct series_row {
	double elapsed_s; /* of load, over all stretches of the session */
	double wall_us;
	double events, features; /* so far in this stretch: sent; received of the subject */
	double rss_bytes, pss_bytes, uss_bytes;
	double cpu_ns; /* since the process started */
	/* features received since the row before: from the triggering event's intended time */
	double responses, response_p50_us, response_max_us;
};

struct series {
	char run[48];	   /* its run's id */
	double page_bytes; /* the grain of memory figures */
	double settle_s;   /* of the stretch's beginning: left out of slopes */
	struct series_row *v;
	size_t n, cap;
};

void series_release(struct series *s);
/* The first two lines. */
void series_write_head(const struct series *s, struct buf *out);
void series_write_row(const struct series_row *row, struct buf *out);
void series_add(struct series *s, const struct series_row *row);
/* *s: zeroed.  -EINVAL with the line's number. */
int series_parse(struct series *s, const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
