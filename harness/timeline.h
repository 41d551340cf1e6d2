/*
 * A run over time: what its subject took, sampled some times a second, as CSV.
 *
 * One file a run, `timeline/<run>.csv` in the session's folder: a line that says what it
 * is and how far rows are apart, one with the stages of the load and when they end, the
 * names of the columns, a row a sample.  Seconds count from the load's begin; counters
 * count from the process' start; what could not be measured is NaN.
 *
 * Recording neither allocates nor writes: room is made before the load, and when it is
 * full every other row is dropped and the interval doubles, so that a run of any length
 * keeps between half and all of TIMELINE_ROWS rows.
 * Pure.  Ownership: zeroed is empty, timeline_init() or timeline_parse() allocate,
 * timeline_release() frees.
 */
#ifndef HARNESS_TIMELINE_H
#define HARNESS_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "extractors/base/buf.h"
#include "extractors/base/err.h"

#define TIMELINE_ROWS	    512
#define TIMELINE_STAGES_MAX 8

struct timeline_row {
	double elapsed_s;
	double rss_fast_bytes; /* of statm: PROBE_RSS_FAST_BYTES */
	double cpu_ns, runq_wait_ns;
};

/* A part of the load; it begins where the one before it ends. */
struct timeline_stage {
	char name[16]; /* A-Z a-z 0-9 / . + - _ */
	double end_s;
};

struct timeline {
	char run[48];	   /* its run's id */
	double interval_s; /* between rows, nominally */
	double slack_s;	   /* of a recorder: so much too early is in time */
	size_t n_stages;
	struct timeline_stage stages[TIMELINE_STAGES_MAX];
	struct timeline_row *v;
	size_t n, cap;
};

void timeline_init(struct timeline *t, const char *run, double interval_s);
void timeline_release(struct timeline *t);
/* A name that is not plain, one too many or an end that is not later is a bug. */
void timeline_add_stage(struct timeline *t, const char *name, double end_s);
/* Is it time for another row? */
bool timeline_is_due(const struct timeline *t, double elapsed_s);
void timeline_add(struct timeline *t, const struct timeline_row *row);

void timeline_write(const struct timeline *t, struct buf *out);
/* *t: zeroed; released by the caller in either case.  -EINVAL with the line's number. */
int timeline_parse(struct timeline *t, const char *text, size_t len, struct err *e) MUST_CHECK;

#endif
